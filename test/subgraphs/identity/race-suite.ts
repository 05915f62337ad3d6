import { describe, expect, test } from 'vitest'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { EventRow } from '#kernel/events/event-row.ts'
import { KnownNetwork } from '#subgraphs/identity/entities/known-network.ts'
import { RefreshFamily } from '#subgraphs/identity/entities/refresh-family.ts'
import { Session } from '#subgraphs/identity/entities/session.ts'
import { UserRole } from '#subgraphs/identity/entities/user-role.ts'
import { UserSettings } from '#subgraphs/identity/entities/user-settings.ts'
import {
  ACME,
  ACME_ADMIN,
  ACME_GUILD,
  ACME_MEMBER,
  GLOBEX_ADMIN,
  OPERATOR,
  START,
  type World,
} from './kit/identity-world.ts'

type OpenedWorld = World & AsyncDisposable

const SUSPEND = `mutation ($input: UserIdInput!) { suspendUser(input: $input) { id } }`
const ADD = `mutation ($input: AddGuildMemberInput!) { addGuildMember(input: $input) { userId } }`
const ROTATE = `mutation ($input: ApiKeyIdInput!) { rotateApiKeySecret(input: $input) { text } }`

type Taking = (operator: Viewer) => Promise<{ data: Record<string, unknown> }>

const TAKE_ROLE = `mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { id } }`
const PUT_OUT = `mutation ($input: RemoveGuildMemberInput!) { removeGuildMember(input: $input) { id } }`
const UPDATE_ROLE = `mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }`

const heldBy = async (world: World, userId: string) =>
  world.database.acrossTenants().findOneOrFail(UserRole, { userId })

/** The ways in which a member of Acme's guild loses his rights. */
const TAKINGS: [string, (world: World, userId: string) => Promise<Taking>][] = [
  [
    'taking the role back',
    async (world, userId) => {
      const { id: userRoleId } = await heldBy(world, userId)
      return (operator) => world.execute(operator, TAKE_ROLE, { input: { userRoleId } })
    },
  ],
  [
    'putting him out of the guild',
    async (world, userId) => {
      const input = { guildId: ACME_GUILD, userId }
      return (operator) => world.execute(operator, PUT_OUT, { input })
    },
  ],
  [
    'turning the role off',
    async (world, userId) => {
      const { roleId } = await heldBy(world, userId)
      const input = { roleId, isActive: false }
      return (operator) => world.execute(operator, UPDATE_ROLE, { input })
    },
  ],
  [
    'suspending the tenant',
    async (world) => async () => {
      await world.deliver([{ kind: 'tenant.suspended', payload: { tenantId: ACME } }])
      return { data: {} }
    },
  ],
]

/** When the person's tokens were last said to be over, in milliseconds. */
async function lastRevocationOf(world: World, userId: string): Promise<number> {
  const em = world.database.acrossTenants()
  const rows = await em.find(EventRow, { topic: 'revocations' }, { orderBy: { seq: 'desc' } })
  const told = rows.map(({ payload }) => payload as { kind: string; id: string; at: string })
  const last = told.find(({ kind, id }) => kind === 'user' && id === userId)
  return last ? new Date(last.at).getTime() : Number.NaN
}

/** What must hold when several do it at once; the same on every engine. */
export function describeIdentityRaces(
  engine: string,
  open: (options?: { isTicking: boolean }) => Promise<OpenedWorld>,
): void {
  describe(`at once, on ${engine}`, () => {
    test('twenty tabs get one successor, and the row has moved by one', async () => {
      await using world = await open()
      const { tokens } = await world.signIn(OPERATOR)
      const token = tokens?.refreshToken ?? ''
      const answers = await Promise.all(Array.from({ length: 20 }, () => world.refresh(token)))
      expect(new Set(answers.map((one) => one.tokens?.refreshToken)).size).toBe(1)
      expect(answers[0]?.tokens).not.toBeNull()
      const [family] = await world.database.acrossTenants().find(RefreshFamily, {})
      expect(family?.seq).toBe(1)
    })

    test('a suspension leaves no session that signed in meanwhile', async () => {
      await using world = await open()
      const operator = await world.as(OPERATOR)
      const { userId } = await world.as(ACME_MEMBER)
      await Promise.all([
        ...Array.from({ length: 4 }, () => world.signIn(ACME_MEMBER)),
        world.execute(operator, SUSPEND, { input: { userId } }),
        ...Array.from({ length: 4 }, () => world.signIn(ACME_MEMBER)),
      ])
      const live = { userId, endedAt: null }
      expect(await world.database.acrossTenants().count(Session, live)).toBe(0)
    })

    test.each(TAKINGS)(
      'a token with rights that %s took is older than its revocation',
      async (_name, take) => {
        await using world = await open({ isTicking: true })
        const operator = await world.as(OPERATOR)
        const opened = await Promise.all(Array.from({ length: 6 }, () => world.signIn(ACME_MEMBER)))
        const refresh = () => opened.map((one) => world.refresh(one.tokens?.refreshToken ?? ''))
        const { userId = '' } = opened[0]?.tokens ?? {}
        const taking = await take(world, userId)
        const [, ...answers] = await Promise.all([
          ...[taking(operator)],
          ...refresh(),
          ...Array.from({ length: 4 }, () => world.signIn(ACME_MEMBER)),
        ])
        const revokedAt = await lastRevocationOf(world, userId)
        const tokens = answers.map((one) => ('tokens' in one ? one.tokens : null))
        const issued = await Promise.all(
          tokens.map(async (one) => {
            const claims = await world.claimsOf(one?.accessToken ?? '')
            return { hadRights: claims.scope !== '', at: Math.round(Number(claims.iat) * 1_000) }
          }),
        )
        expect(issued).toHaveLength(10)
        const outlived = issued.filter(({ hadRights, at }) => hadRights && at > revokedAt)
        expect(outlived).toEqual([])
        expect(revokedAt).toBeGreaterThan(START.getTime())
        expect(await world.as(ACME_MEMBER)).toMatchObject({ reach: { kind: 'none' } })
      },
    )

    test('of many who add one member one succeeds', async () => {
      await using world = await open()
      const admin = await world.as(ACME_ADMIN)
      const input = { guildId: ACME_GUILD, email: GLOBEX_ADMIN.email }
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => world.execute(admin, ADD, { input })),
      )
      const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code ?? 'done').sort()
      expect(codes).toEqual([...Array(9).fill('MEMBER_EXISTS'), 'done'])
    })

    test('of two rotations of a key one gives a secret that works', async () => {
      await using world = await open()
      const admin = await world.as(ACME_ADMIN)
      const made = await world.execute(
        admin,
        `mutation { createApiKey(input: { name: "k", scopes: ["odds:read"] }) { apiKey { id } } }`,
      )
      const { apiKey } = made.data.createApiKey as { apiKey: { id: string } }
      const input = { apiKeyId: apiKey.id }
      const answers = await Promise.all(
        [1, 2, 3].map(() => world.execute(admin, ROTATE, { input })),
      )
      const texts = answers.flatMap(
        ({ data }) => (data.rotateApiKeySecret as { text: string } | null) ?? [],
      )
      expect(texts.length).toBeGreaterThanOrEqual(1)
      const statuses = await Promise.all(
        texts.map(async ({ text }) => {
          const body = JSON.stringify({ key: text, ip: null })
          return (await world.send({ path: '/introspect-key', body })).status
        }),
      )
      expect(statuses).toContain(200)
    })

    test('failures at once are counted one by one', async () => {
      await using world = await open()
      const { userId } = await world.as(ACME_MEMBER)
      const wrong = { ...ACME_MEMBER, password: 'wrong guess' }
      await Promise.all(Array.from({ length: 8 }, () => world.signIn(wrong)))
      const settings = await world.database
        .acrossTenants()
        .findOne(UserSettings, { userId: userId ?? '' })
      expect(settings?.failedLoginAttempts).toBe(8)
    })

    test('sign-ins from one new network remember it once, and no more than twenty in all', async () => {
      await using world = await open()
      const from = async (ip: string) =>
        (await world.signIn(OPERATOR, { ip, userAgent: null })).code
      const networks = Array.from({ length: 22 }, (_, index) => `192.0.2.${index}`)
      const twice = networks.flatMap((ip) => [ip, ip])
      for (const [index] of twice.entries()) {
        if (index % 4 > 0) continue
        const codes = await Promise.all(twice.slice(index, index + 4).map(from))
        expect(codes).toEqual([undefined, undefined, undefined, undefined])
      }
      const userId = (await world.as(OPERATOR)).userId ?? ''
      expect(await world.database.acrossTenants().count(KnownNetwork, { userId })).toBe(20)
      expect(await schemaDrift(world.database)).toEqual([])
    })
  })
}
