import { type GraphQLObjectType, type GraphQLSchema, isObjectType, isUnionType } from 'graphql'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { ai } from '#subgraphs/ai/subgraph.ts'
import { analytics } from '#subgraphs/analytics/subgraph.ts'
import { compliance } from '#subgraphs/compliance/subgraph.ts'
import { identity } from '#subgraphs/identity/subgraph.ts'
import { tenancy } from '#subgraphs/tenancy/subgraph.ts'
import type { TestPlatform } from '../../kit/platform.ts'
import { type ProtectedField, protectedFieldsOf } from './protected-fields.ts'
import { questionOf } from './questions.ts'
import { answerAtTheDoor } from './subgraph-door.ts'
import { verdictOf } from './verdicts.ts'
import { type Way, waysIn } from './ways.ts'

const SUBGRAPHS: readonly Subgraph[] = [identity, tenancy, ai, compliance, analytics]

/** A protected field with the ways by which some object was really reached. */
export type Reached = ProtectedField & { ways: readonly Way[] }

/** Keys of things that there are, by type. */
export type Keys = ReadonlyMap<string, readonly object[]>

function entitiesOf({ schema }: Subgraph): readonly GraphQLObjectType[] {
  const union = schema.getType('_Entity')
  return isUnionType(union) ? union.getTypes() : []
}

/** Every `id` below a value. */
function idsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'id' && typeof inner === 'string' ? [inner] : idsIn(inner),
  )
}

/** What others would vouch for beside the key. */
const VOUCHED: Readonly<Record<string, object>> = {
  User: { guildIds: ['81384788765712384'], tenantIds: ['1'] },
}
const MOST_KEYS = 5

/** Asks as somebody who may see all for things of each type that has a key. */
export async function keysThrough(platform: TestPlatform, token: string): Promise<Keys> {
  const schema: GraphQLSchema = platform.local.supergraph.current().apiSchema
  const ask = platform.direct(token)
  const ways = waysIn(schema, [])
  const names = new Set(SUBGRAPHS.flatMap((one) => entitiesOf(one).map(({ name }) => name)))
  const keys = new Map<string, object[]>()
  for (const name of names) {
    const parent = schema.getType(name)
    const field = isObjectType(parent) ? parent.getFields().id : undefined
    if (!isObjectType(parent) || !field) continue
    const known = new Set<string>()
    for (const way of ways({ subgraph: '', parent, field, coordinate: '' })) {
      if (known.size >= MOST_KEYS) break
      const { query, variables } = questionOf(way, ['direct'])
      for (const id of idsIn((await ask(query, variables)).data)) known.add(id)
    }
    const ids = [...known].slice(0, MOST_KEYS)
    keys.set(
      name,
      ids.map((id) => ({ __typename: name, id, ...VOUCHED[name] })),
    )
  }
  return keys
}

async function leadsSomewhere(platform: TestPlatform, one: Tried, way: Way): Promise<boolean> {
  if (way.from === 'Mutation' || way.from === 'Subscription') return true
  const entity = typeof way.from === 'string' ? null : way.from.entity
  const question = questionOf(way, ['direct'], entity ? one.keys.get(entity) : [])
  const asked = { viewer: one.viewer, query: question.query, variables: question.variables }
  const answer = await answerAtTheDoor(platform, one.field.subgraph, asked)
  const verdict = verdictOf(answer, way, 'direct')
  return verdict === 'given' || (verdict === 'otherwise' && way.steps.length === 1 && !entity)
}

type Tried = { field: ProtectedField; viewer: Viewer; keys: Keys }

/**
 * Every protected field of all subgraphs with one way from a root and one from an entity, as far as
 * there are any that lead to an object.
 */
export async function fieldsWithWays(
  platform: TestPlatform,
  { viewer, keys }: { viewer: Viewer; keys: Keys },
): Promise<Reached[]> {
  const reached: Reached[] = []
  for (const subgraph of SUBGRAPHS) {
    const waysTo = waysIn(subgraph.schema, entitiesOf(subgraph))
    for (const field of protectedFieldsOf(subgraph.name, subgraph.schema)) {
      const found: { root?: Way; entity?: Way } = {}
      for (const way of waysTo(field)) {
        const kind = typeof way.from === 'string' ? 'root' : 'entity'
        if (found[kind]) continue
        if (await leadsSomewhere(platform, { field, viewer, keys }, way)) found[kind] = way
      }
      reached.push({ ...field, ways: Object.values(found) })
    }
  }
  return reached
}
