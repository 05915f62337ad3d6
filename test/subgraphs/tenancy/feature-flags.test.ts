import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateRollout } from '#subgraphs/tenancy/services/rollout.ts'
import { openSeeded, VIEWERS, without } from './tenancy-kit.ts'

const SET = `mutation Set($input: SetFeatureFlagInput!) {
  setFeatureFlag(input: $input) { key isEnabled rolloutPercent description tenant { code } }
}`
const REMOVE = `mutation Remove($tenantId: ID!, $key: String!) {
  removeFeatureFlag(input: { tenantId: $tenantId, key: $key }) { key rolloutPercent }
}`
const EVALUATE = `query Evaluate($tenantId: ID!, $key: String!, $subject: String!) {
  evaluateFlag(tenantId: $tenantId, key: $key, subject: $subject) {
    isOn reason bucket rolloutPercent explanation
  }
}`
const flag = {
  tenantId: '1',
  key: 'new.slip',
  isEnabled: true,
  rolloutPercent: 40,
  description: 'The new betting slip.',
}

test('a tenant makes, changes and removes a flag; each change is recorded once', async () => {
  await using world = await openSeeded()
  const ask = world.as('acmeAdmin')
  const before = (await world.messages('audit')).length
  expect((await ask(SET, { input: flag })).data.setFeatureFlag).toEqual({
    key: 'new.slip',
    isEnabled: true,
    rolloutPercent: 40,
    description: 'The new betting slip.',
    tenant: { code: 'acme' },
  })
  await ask(SET, { input: flag })
  const changed = await ask(SET, { input: { ...flag, rolloutPercent: 60 } })
  expect(changed.data.setFeatureFlag.rolloutPercent).toBe(60)
  const removed = await ask(REMOVE, { tenantId: '1', key: 'new.slip' })
  expect(removed.data.removeFeatureFlag).toEqual({ key: 'new.slip', rolloutPercent: 60 })
  const records = (await world.messages('audit')).slice(before)
  expect(records.map(({ payload }) => payload.action)).toEqual([
    'flag.set',
    'flag.set',
    'flag.removed',
  ])
  expect((await ask(REMOVE, { tenantId: '1', key: 'new.slip' })).codes).toEqual(['FLAG_NOT_FOUND'])
})

test('a flag is changed by its tenant alone, with the scope and not from within a guild', async () => {
  await using world = await openSeeded()
  const key = { tenantId: '1', key: 'live.cashout' }
  expect((await world.as('globexAdmin')(SET, { input: flag })).codes).toEqual(['TENANT_NOT_FOUND'])
  expect((await world.as('globexAdmin')(REMOVE, key)).codes).toEqual(['TENANT_NOT_FOUND'])
  expect((await world.as('acmeGuildAdmin')(SET, { input: flag })).codes).toEqual(['TENANT_WIDE'])
  expect((await world.as('acmeGuildAdmin')(REMOVE, key)).codes).toEqual(['TENANT_WIDE'])
  const scopeless = world.as(without(VIEWERS.acmeAdmin, 'flags:write'))
  expect((await scopeless(SET, { input: flag })).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  expect((await scopeless(REMOVE, key)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test.each([
  ['rolloutPercent', { rolloutPercent: 101 }],
  ['rolloutPercent', { rolloutPercent: -1 }],
  ['key', { key: 'Bad Key' }],
  ['description', { description: ' ' }],
])('a flag with another %s than allowed is refused', async (field, change) => {
  await using world = await openSeeded()
  const { codes, details } = await world.as('acmeAdmin')(SET, { input: { ...flag, ...change } })
  expect(codes).toEqual(['TENANCY_INPUT_INVALID'])
  expect(details[0]).toMatchObject({ field })
})

test('an evaluation says why', async () => {
  await using world = await openSeeded()
  const ask = world.as('acmeAdmin')
  const evaluate = async (key: string, subject = 'user:7') =>
    (await ask(EVALUATE, { tenantId: '1', key, subject })).data.evaluateFlag
  expect(await evaluate('no.such')).toMatchObject({ isOn: false, reason: 'UNKNOWN', bucket: null })
  expect(await evaluate('ai.assistant')).toMatchObject({ isOn: true, reason: 'EVERYONE' })
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => evaluate('live.cashout', `user:${index}`)),
  )
  for (const { isOn, reason, bucket, explanation } of answers) {
    expect(isOn).toBe(bucket < 25)
    expect(reason).toBe(isOn ? 'INCLUDED' : 'EXCLUDED')
    expect(explanation).toContain(String(bucket))
  }
  await ask(SET, { input: { ...flag, isEnabled: false } })
  expect(await evaluate('new.slip')).toMatchObject({ isOn: false, reason: 'DISABLED' })
})

test('flags of another tenant are neither listed nor evaluated', async () => {
  await using world = await openSeeded()
  const question = { tenantId: '1', key: 'live.cashout', subject: 'user:7' }
  expect((await world.as('globexAdmin')(EVALUATE, question)).codes).toEqual(['TENANT_NOT_FOUND'])
  const { data } = await world.as('globexAdmin')(
    '{ featureFlags(where: { tenantId: { eq: "1" } }) { edges { node { key } } } }',
  )
  expect(data.featureFlags.edges).toEqual([])
  const scopeless = world.as(without(VIEWERS.acmeAdmin, 'flags:read'))
  expect((await scopeless(EVALUATE, question)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

const subject = fc.string({ minLength: 1, maxLength: 40 })

test('a higher rollout takes a feature from nobody, and the same question has one answer', () => {
  fc.assert(
    fc.property(subject, fc.nat(100), fc.nat(100), (text, one, other) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)]
      const isOn = (rolloutPercent: number) =>
        evaluateRollout(
          { tenantId: '1', key: 'k', isEnabled: true, rolloutPercent },
          { key: 'k', subject: text },
        ).isOn
      if (isOn(low)) expect(isOn(high)).toBe(true)
      expect(isOn(low)).toBe(isOn(low))
      expect(isOn(0)).toBe(false)
      expect(isOn(100)).toBe(true)
    }),
  )
})

test('of 10,000 subjects the share that a rollout of 30 % reaches is 28 to 32 %', () => {
  const rule = { tenantId: '1', key: 'k', isEnabled: true, rolloutPercent: 30 }
  const reached = Array.from({ length: 10_000 }, (_, index) =>
    evaluateRollout(rule, { key: 'k', subject: `user:${index}` }),
  ).filter(({ isOn }) => isOn)
  expect(reached.length).toBeGreaterThan(2_800)
  expect(reached.length).toBeLessThan(3_200)
})
