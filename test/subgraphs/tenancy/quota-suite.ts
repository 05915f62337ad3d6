import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { QuotaUse } from '#subgraphs/tenancy/entities/quota-use.ts'
import { type Ask, openSeeded, VIEWERS, type World } from './tenancy-kit.ts'

export const SET = `mutation Set($input: SetQuotaInput!) {
  setQuota(input: $input) { resource limit used remaining resetPeriod resetsAt }
}`
export const USE = `mutation Use($input: UseQuotaInput!) {
  useQuota(input: $input) { limit used remaining resetsAt }
}`
export const RELEASE = `mutation Release($input: ReleaseQuotaInput!) {
  releaseQuota(input: $input) { used }
}`

const quotaInput = { tenantId: '1', resource: 'bets', limit: '10', resetPeriod: 'HOURLY' }

export const useOf = (idempotencyKey: string, amount = '1', resource = 'bets') => ({
  input: { tenantId: '1', resource, amount, idempotencyKey },
})

export async function usedOf(ask: Ask, resource = 'bets'): Promise<string> {
  const query = `{ quotas(where: { tenantId: { eq: "1" }, resource: { eq: "${resource}" } }) {
    edges { node { used } }
  } }`
  return (await ask(query)).data.quotas.edges[0].node.used
}

export async function openWithQuota(open?: Parameters<typeof openSeeded>[0]): Promise<World> {
  const world = await openSeeded(open)
  await world.as('operator')(SET, { input: quotaInput })
  return world
}

type Step =
  | { kind: 'use'; key: number; amount: number }
  | { kind: 'release'; key: number }
  | { kind: 'wait'; minutes: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('use' as const),
    key: fc.integer({ min: 0, max: 9 }),
    amount: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({ kind: fc.constant('release' as const), key: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 0, max: 70 }) }),
)

type Remembered = { amount: number; hour: number; isReleased: boolean }

/** The rules in their plainest form, against which the real counter is held. */
function createModel(limit: number) {
  const uses = new Map<number, Remembered>()
  let minutes = 30
  const hour = () => Math.floor(minutes / 60)
  const used = () =>
    [...uses.values()]
      .filter((use) => use.hour === hour() && !use.isReleased)
      .reduce((sum, { amount }) => sum + amount, 0)
  const apply = (next: Step): string | null => {
    if (next.kind === 'wait') {
      minutes += next.minutes
      return null
    }
    const known = uses.get(next.key)
    if (next.kind === 'release') {
      if (!known) return 'QUOTA_USE_NOT_FOUND'
      known.isReleased = true
      return null
    }
    if (known) return known.amount === next.amount ? null : 'IDEMPOTENCY_KEY_REUSED'
    if (used() + next.amount > limit) return 'QUOTA_EXCEEDED'
    uses.set(next.key, { amount: next.amount, hour: hour(), isReleased: false })
    return null
  }
  return { apply, used }
}

async function perform(world: World, next: Step): Promise<string | null> {
  if (next.kind === 'wait') {
    world.clock.advance(next.minutes * 60_000)
    return null
  }
  const ask = world.as('acmeAdmin')
  const idempotencyKey = `schedule-${next.key}`
  const { codes } =
    next.kind === 'use'
      ? await ask(USE, useOf(idempotencyKey, String(next.amount)))
      : await ask(RELEASE, { input: { tenantId: '1', idempotencyKey } })
  return codes[0] ?? null
}

/** What quotas promise on every engine. */
export function describeQuotas(
  engine: string,
  { open, runs }: { open?: Parameters<typeof openSeeded>[0]; runs: number },
): void {
  describe(`quotas on ${engine}`, () => {
    test('of 100 callers at once exactly as many succeed as the limit allows', async () => {
      await using world = await openWithQuota(open)
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          world.as('acmeAdmin')(USE, useOf(`caller-${index}`)),
        ),
      )
      const refused = answers.flatMap(({ codes }) => codes)
      expect(refused).toEqual(Array.from({ length: 90 }, () => 'QUOTA_EXCEEDED'))
      expect(await usedOf(world.as('operator'))).toBe('10')
      const em = world.database.acrossTenants()
      expect(await em.count(QuotaUse, { resource: 'bets' })).toBe(10)
      const audited = (await world.messages('audit')).filter(
        ({ payload }) => payload.action === 'quota.used',
      )
      expect(audited).toHaveLength(10)
    })

    test('one use repeated by 20 callers at once counts once', async () => {
      await using world = await openWithQuota(open)
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => world.as('acmeAdmin')(USE, useOf('same-key-1', '3'))),
      )
      expect(answers.flatMap(({ codes }) => codes)).toEqual([])
      expect(await usedOf(world.as('operator'))).toBe('3')
    })

    test('one key for uses of two resources at once is taken by one of them', async () => {
      await using world = await openWithQuota(open)
      const answers = await Promise.all(
        ['bets', 'seats'].map((resource) =>
          world.as('acmeAdmin')(USE, useOf('shared-key', '1', resource)),
        ),
      )
      expect(answers.flatMap(({ codes }) => codes)).toEqual(['IDEMPOTENCY_KEY_REUSED'])
      const ask = world.as('operator')
      const sum = Number(await usedOf(ask)) + Number(await usedOf(ask, 'seats'))
      expect(sum).toBe(1)
    })

    test('one use released by 20 callers at once is given back once', async () => {
      await using world = await openWithQuota(open)
      const ask = world.as('acmeAdmin')
      await ask(USE, useOf('kept-use-1', '4'))
      await ask(USE, useOf('given-back', '3'))
      const release = { input: { tenantId: '1', idempotencyKey: 'given-back' } }
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => world.as('acmeAdmin')(RELEASE, release)),
      )
      expect(answers.flatMap(({ codes }) => codes)).toEqual([])
      expect(await usedOf(ask)).toBe('4')
    })

    test('a period that begins under 40 callers begins once', async () => {
      await using world = await openWithQuota(open)
      await world.as('acmeAdmin')(USE, useOf('before-hour', '10'))
      world.clock.advance(3_600_000)
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          world.as('acmeAdmin')(USE, useOf(`new-hour-${index}`)),
        ),
      )
      expect(answers.filter(({ codes }) => codes.length === 0)).toHaveLength(10)
      expect(await usedOf(world.as('operator'))).toBe('10')
    })

    test('any schedule of uses, repetitions, releases and hours agrees with the plain rules', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          await using world = await openWithQuota(open)
          const model = createModel(10)
          for (const next of steps) expect(await perform(world, next)).toBe(model.apply(next))
          expect(await usedOf(world.as(VIEWERS.acmeAdmin))).toBe(String(model.used()))
        }),
        { numRuns: runs },
      )
    })
  })
}
