import { describe, expect, test } from 'vitest'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { SecurityEvent } from '#subgraphs/identity/entities/security-event.ts'
import {
  ACME,
  ACME_ADMIN,
  ACME_MEMBER,
  GLOBEX_ADMIN,
  OPERATOR,
  type World,
} from './kit/identity-world.ts'

type OpenedWorld = World & AsyncDisposable
type Account = { email: string; password: string }
type Told = { kind: 'tenant.suspended' | 'tenant.restored'; at?: string; key?: string }

const tell = (world: World, ...told: Told[]) =>
  world.deliver(told.map((one) => ({ ...one, payload: { tenantId: ACME } })))

const suspend = (world: World) => tell(world, { kind: 'tenant.suspended' })
const restore = (world: World) => tell(world, { kind: 'tenant.restored' })

async function issueKey(world: World, account: Account): Promise<string> {
  const { data } = await world.execute(
    await world.as(account),
    `mutation { createApiKey(input: { name: "k", scopes: ["odds:read"] }) { text } }`,
  )
  return (data.createApiKey as { text: string }).text
}

async function introspect(world: World, key: string) {
  const answer = await world.send({ path: '/introspect-key', body: JSON.stringify({ key }) })
  const { viewer } = (await answer.json()) as { viewer?: Viewer }
  return viewer?.scopes ?? answer.status
}

const reachOf = async (world: World, account: Account) => (await world.as(account)).reach.kind

/** Whom the gateways were told of. */
async function revokedUsers(world: World): Promise<string[]> {
  const answer = await world.send({ method: 'GET', path: '/revocations' })
  const reader = answer.body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  await reader?.cancel()
  const [, data = ''] = /data: (.*)\n/.exec(Buffer.from(value ?? []).toString()) ?? []
  const { revocations } = JSON.parse(data) as { revocations: { kind: string; id: string }[] }
  return revocations.map(({ kind, id }) => `${kind}:${id}`).sort()
}

/** What a tenant's suspension takes and gives back; the same on every engine. */
export function describeTenantSuspension(engine: string, open: () => Promise<OpenedWorld>): void {
  describe(`a suspended tenant, on ${engine}`, () => {
    test('gives nothing at sign-in, at a refresh and to keys, and all again when restored', async () => {
      await using world = await open()
      const key = await issueKey(world, ACME_ADMIN)
      const { tokens } = await world.signIn(ACME_MEMBER)
      expect((await suspend(world)).accepted).toHaveLength(1)
      expect(await reachOf(world, ACME_ADMIN)).toBe('none')
      expect((await world.as({ ...ACME_ADMIN, tenantId: ACME } as Account)).scopes).toEqual([])
      const bare = await world.refresh(tokens?.refreshToken ?? '')
      expect(bare.tokens).toMatchObject({ reach: 'NONE', scopes: [] })
      expect(await introspect(world, key)).toBe(401)
      await restore(world)
      expect(await reachOf(world, ACME_ADMIN)).toBe('tenant')
      const back = await world.refresh(bare.tokens?.refreshToken ?? '')
      expect(back.tokens?.reach).toBe('GUILD')
      expect(await introspect(world, key)).toEqual(['odds:read'])
    })

    test('loses its tokens and keys at once, and nobody else does', async () => {
      await using world = await open()
      const [admin, member] = [await world.as(ACME_ADMIN), await world.as(ACME_MEMBER)]
      await world.as(GLOBEX_ADMIN)
      await world.as(OPERATOR)
      await suspend(world)
      const told = [`user:${admin.userId}`, `user:${member.userId}`]
      expect(await revokedUsers(world)).toEqual(told.sort())
      expect(await reachOf(world, GLOBEX_ADMIN)).toBe('tenant')
      expect(await reachOf(world, OPERATOR)).toBe('platform')
    })

    test('loses keys whose owner has not signed in for long', async () => {
      await using world = await open()
      await issueKey(world, ACME_ADMIN)
      const { userId } = await world.as(ACME_ADMIN)
      world.clock.advance(600_000)
      await suspend(world)
      expect(await revokedUsers(world)).toEqual([`user:${userId}`])
    })

    test('is told once as a security event of its own, however often it comes', async () => {
      await using world = await open()
      await tell(
        world,
        { kind: 'tenant.suspended', key: 'one' },
        { kind: 'tenant.suspended', key: 'one' },
        { kind: 'tenant.suspended', key: 'two' },
      )
      const em = world.database.acrossTenants()
      const told = await em.find(SecurityEvent, { eventType: 'tenant.suspended' })
      expect(told).toMatchObject([{ tenantId: ACME, userId: null }])
      expect(await schemaDrift(world.database)).toEqual([])
    })

    test('is what the newest news says, in whatever order it comes', async () => {
      await using world = await open()
      const at = (seconds: number) =>
        new Date(world.clock.now().getTime() + seconds * 1_000).toISOString()
      await tell(world, { kind: 'tenant.restored', at: at(2) })
      await tell(world, { kind: 'tenant.suspended', at: at(1) })
      expect(await reachOf(world, ACME_ADMIN)).toBe('tenant')
      await tell(world, { kind: 'tenant.suspended', at: at(4) })
      await tell(world, { kind: 'tenant.restored', at: at(3) })
      expect(await reachOf(world, ACME_ADMIN)).toBe('none')
    })

    test('leaves nobody with its rights who signs in or refreshes meanwhile', async () => {
      await using world = await open()
      const { tokens } = await world.signIn(ACME_MEMBER)
      const answers = await Promise.all([
        world.refresh(tokens?.refreshToken ?? ''),
        ...Array.from({ length: 3 }, () => world.signIn(ACME_ADMIN)),
        suspend(world),
        ...Array.from({ length: 3 }, () => world.signIn(ACME_ADMIN)),
      ])
      const told = new Set(await revokedUsers(world))
      const opened = answers.flatMap((one) => ('tokens' in one && one.tokens ? [one.tokens] : []))
      for (const { reach, userId } of opened) {
        if (reach !== 'NONE') expect(told).toContain(`user:${userId}`)
      }
      expect(opened).toHaveLength(7)
      expect(await reachOf(world, ACME_ADMIN)).toBe('none')
    })

    test('is not, where the delivery names none', async () => {
      await using world = await open()
      const { accepted } = await world.deliver([
        { kind: 'tenant.suspended', payload: { tenantId: 'x' } },
      ])
      expect(accepted).toEqual([])
    })
  })
}
