import { describe, expect, test } from 'vitest'
import { Customization } from '#subgraphs/tenancy/entities/customization.ts'
import { ACME_CLUB, openSeeded } from './tenancy-kit.ts'

const together = <Result>(count: number, work: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

const BRAND = `mutation {
  setCustomization(input: { tenantId: "1", type: BRANDING, data: {
    primaryColor: "#000000", backgroundColor: "#ffffff", textColor: "#111111"
  } }) { version }
}`
const FLAG = `mutation($percent: Int!) {
  setFeatureFlag(input: {
    tenantId: "1", key: "new.slip", isEnabled: true, rolloutPercent: $percent, description: "New."
  }) { key }
}`
const QUOTA = `mutation($limit: BigInt!) {
  setQuota(input: { tenantId: "1", resource: "bets", limit: $limit, resetPeriod: DAILY }) { limit }
}`

/** What changes of tenancy promise when they come at once, on every engine. */
export function describeRaces(engine: string, open?: Parameters<typeof openSeeded>[0]): void {
  describe(`changes at once on ${engine}`, () => {
    test('a guild wanted by two tenants ten times goes to one of them, told once', async () => {
      await using world = await openSeeded(open)
      const before = (await world.messages('identity')).length
      const answers = await together(10, (index) =>
        world.as(index % 2 ? 'acmeAdmin' : 'globexAdmin')(`mutation { registerGuild(input: {
          tenantId: "${index % 2 ? 1 : 2}", guildId: "900000000000000001", name: "Third"
        }) { id } }`),
      )
      const codes = answers.flatMap((answer) => answer.codes)
      expect(codes).toEqual(Array.from({ length: 9 }, () => 'GUILD_TAKEN'))
      expect(await world.messages('identity')).toHaveLength(before + 1)
    })

    test('ten openings of one code open one tenant', async () => {
      await using world = await openSeeded(open)
      const answers = await together(10, () =>
        world.as('operator')('mutation { openTenant(input: { code: "new", name: "New" }) { id } }'),
      )
      const codes = answers.flatMap((answer) => answer.codes)
      expect(codes).toEqual(Array.from({ length: 9 }, () => 'TENANT_CODE_TAKEN'))
    })

    test('ten brandings leave one version in force and none lost', async () => {
      await using world = await openSeeded(open)
      const answers = await together(10, () => world.as('acmeAdmin')(BRAND))
      expect(answers.flatMap((answer) => answer.codes)).toEqual([])
      const em = world.database.acrossTenants()
      const rows = await em.find(Customization, { tenantId: '1', type: 'branding' })
      const versions = rows.map(({ version }) => version).sort((one, other) => one - other)
      expect(versions).toEqual(Array.from({ length: 11 }, (_, index) => index + 1))
      expect(rows.filter(({ isActive }) => isActive).map(({ version }) => version)).toEqual([11])
    })

    test('ten settings of a new flag and a new quota make one of each', async () => {
      await using world = await openSeeded(open)
      const admin = world.as('acmeAdmin')
      const flags = await together(10, (index) => admin(FLAG, { percent: index }))
      const quotas = await together(10, (index) =>
        world.as('operator')(QUOTA, { limit: String(index) }),
      )
      expect([...flags, ...quotas].flatMap((answer) => answer.codes)).toEqual([])
      const { data } = await admin(`{
        featureFlags(where: { key: { eq: "new.slip" } }) { edges { node { key } } }
        quotas(where: { resource: { eq: "bets" } }) { edges { node { resource } } }
      }`)
      expect(data.featureFlags.edges).toHaveLength(1)
      expect(data.quotas.edges).toHaveLength(1)
    })

    test('a guild moved to and fro ten times is told in the order of what happened', async () => {
      await using world = await openSeeded(open)
      const operator = world.as('operator')
      const answers = await together(10, (index) =>
        operator(`mutation { moveGuild(input: {
          guildId: "${ACME_CLUB}", toTenantId: "${index % 2 ? 1 : 2}"
        }) { id } }`),
      )
      expect(answers.flatMap((answer) => answer.codes)).toEqual([])
      const moves = (await world.messages('identity')).filter(({ kind }) => kind === 'guild.moved')
      const tenants = moves.map(({ payload }) => payload.tenantId)
      expect(tenants.every((tenantId, index) => tenantId !== tenants[index - 1])).toBe(true)
      const { data } = await operator(`{ guild(id: "${ACME_CLUB}") { tenant { id } } }`)
      expect(tenants.at(-1)).toBe(data.guild.tenant.id)
    })

    test('each reach sees its own rows and no others', async () => {
      await using world = await openSeeded(open)
      const query = `{
        tenants { edges { node { id } } }
        guilds { edges { node { tenant { id } } } }
        quotas { edges { node { tenant { id } } } }
        featureFlags { edges { node { tenant { id } } } }
      }`
      const ofGlobex = JSON.stringify((await world.as('globexAdmin')(query)).data)
      expect(new Set(ofGlobex.match(/"id":"\d+"/g))).toEqual(new Set(['"id":"2"']))
      const ofNobody = JSON.stringify((await world.as('reachless')(query)).data)
      expect(ofNobody).not.toMatch(/"id"/)
    })
  })
}
