import { type GraphQLObjectType, isUnionType } from 'graphql'
import { SCOPE_NAMES } from '#kernel/auth/scopes.ts'
import { mintServiceToken, SERVICE_TOKEN_HEADER } from '#kernel/auth/service-token.ts'
import { anonymousViewer, type Reach, type Viewer } from '#kernel/auth/viewer.ts'
import { systemClock } from '#kernel/clock.ts'
import { newId, systemRandomness } from '#kernel/ids.ts'
import type { Service } from '#kernel/serve/open-service.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { ai } from '#subgraphs/ai/subgraph.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { compliance } from '#subgraphs/compliance/subgraph.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'
import type { TestPlatform } from '../../kit/platform.ts'
import { foreignTexts, type Leak } from './judge.ts'
import { selectEverything } from './selections.ts'
import type { ForeignWorld } from './side.ts'

const SUBGRAPHS: readonly Subgraph[] = [identity, tenancy, analytics, ai, compliance]

/** A viewer as the gateway would vouch for him. */
export type EntityAsker = { name: string; reach: Reach; userId: string }

/** What `_entities` gave away. */
export type EntityOutcome = { subgraph: string; asker: string; tries: number; leaks: Leak[] }

const userOf = ({ reach, userId }: EntityAsker): Viewer => ({
  ...anonymousViewer(newId()),
  kind: 'user',
  userId,
  sessionId: '1',
  reach,
  scopes: [...SCOPE_NAMES].sort(),
})

/** Keys of foreign things, with what another subgraph would vouch for. */
function representationsOf(type: GraphQLObjectType, { foreign, texts }: ForeignWorld): object[] {
  const { tenant, guild, user, role, bet } = foreign
  const each = (ids: readonly string[], rest: object = {}) =>
    ids.map((id) => ({ __typename: type.name, id, ...rest }))
  const byType: Readonly<Record<string, object[]>> = {
    Tenant: [...each(tenant), ...tenant.map(() => ({ __typename: 'Tenant', code: texts.code }))],
    Guild: each(guild),
    User: each(user, { guildIds: guild, tenantIds: tenant }),
    Role: each(role),
    Bet: each(bet),
  }
  return byType[type.name] ?? []
}

async function askEntities(platform: TestPlatform, service: Service, asked: Asked) {
  const body = JSON.stringify(asked.params)
  const keys = platform.local.platform.serviceKeys
  const token = mintServiceToken(
    { keys, clock: systemClock, randomness: systemRandomness },
    { caller: 'gateway', callee: service.name, body, viewer: userOf(asked.asker) },
  )
  const headers = { 'content-type': 'application/json', [SERVICE_TOKEN_HEADER]: token }
  const url = `http://${service.name}.local/graphql`
  const response = await service.fetch(new Request(url, { method: 'POST', headers, body }))
  return response.json()
}

type Asked = { asker: EntityAsker; params: { query: string; variables: object } }

function entityTypes({ schema }: Subgraph): readonly GraphQLObjectType[] {
  const union = schema.getType('_Entity')
  return isUnionType(union) ? union.getTypes() : []
}

async function attack(platform: TestPlatform, subgraph: Subgraph, attempt: Attack) {
  const { asker, world } = attempt
  const service = platform.local.platform.services.find(({ name }) => name === subgraph.name)
  if (!service) throw new Error(`${subgraph.name} does not run here`)
  const outcome: EntityOutcome = { subgraph: subgraph.name, asker: asker.name, tries: 0, leaks: [] }
  for (const type of entityTypes(subgraph)) {
    const selection = selectEverything(type, 3)
    const query = `query Keys($keys: [_Any!]!) {
      _entities(representations: $keys) { ... on ${type.name} ${selection} }
    }`
    for (const key of representationsOf(type, world)) {
      const variables = { keys: [key] }
      const answer = await askEntities(platform, service, { asker, params: { query, variables } })
      outcome.tries += 1
      outcome.leaks.push(...foreignTexts(answer, variables, world))
    }
  }
  return outcome
}

type Attack = { asker: EntityAsker; world: ForeignWorld }

/** Asks every subgraph directly for foreign things by their keys, as the gateway would. */
export async function runEntityAttack(
  platform: TestPlatform,
  world: ForeignWorld,
  askers: readonly EntityAsker[],
): Promise<EntityOutcome[]> {
  const outcomes: EntityOutcome[] = []
  for (const subgraph of SUBGRAPHS) {
    for (const asker of askers) outcomes.push(await attack(platform, subgraph, { asker, world }))
  }
  return outcomes
}

const ACME = '1'

const OF_GUILD: EntityAsker = {
  name: 'of a guild',
  userId: '4',
  reach: { kind: 'guild', tenantId: ACME, guildId: '81384788765712384' },
}

/** Viewers of Acme, with every scope there is, and the operator as the control. */
export const ENTITY_ASKERS: {
  strangers: readonly EntityAsker[]
  guild: EntityAsker
  operator: EntityAsker
} = {
  strangers: [
    { name: 'of a tenant', userId: '2', reach: { kind: 'tenant', tenantId: ACME } },
    OF_GUILD,
    { name: 'of nothing', userId: '3', reach: { kind: 'none' } },
  ],
  guild: OF_GUILD,
  operator: { name: 'of the platform', userId: '1', reach: { kind: 'platform' } },
}
