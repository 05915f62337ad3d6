import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  isObjectType,
  isUnionType,
  parse,
  subscribe,
  validate,
} from 'graphql'
import { canonicalJson } from './chance.ts'
import { type HashedValues, type Thing, thingOf } from './hashed-values.ts'

type Json = Record<string, unknown>

/** Events of every subscription. */
export const EVENTS = 2

/** The schema of a subgraph, whose entities are found by the hashes of the world. */
export function subgraphSchema(sdl: string): GraphQLSchema {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl) }])
  const entities = schema.getQueryType()?.getFields()._entities
  if (entities)
    entities.resolve = (_root, { representations }: { representations: Json[] }) =>
      representations.map(thingOf)
  const union = schema.getType('_Entity')
  if (isUnionType(union)) union.resolveType = null
  return schema
}

/** An object of a type that a subgraph may know by its interface alone. */
export const typeResolver: GraphQLTypeResolver<Thing, unknown> = (
  { type, told },
  _context,
  { schema },
) => {
  if (isObjectType(schema.getType(type))) return type
  return typeof told?.__typename === 'string' ? told.__typename : type
}

const rootThing = (type: string, number = 0): Thing => ({ type, number, above: null, told: null })

export type Resolver = GraphQLFieldResolver<Thing | undefined, unknown>

function resolverOf(values: HashedValues): Resolver {
  return (thing, args, _context, { fieldName, parentType }) =>
    values.read(thing ?? rootThing(parentType.name), fieldName, args)
}

/** What a subgraph would answer, when nothing is wrong with it. */
export type SubgraphAnswers = {
  answer: (subgraph: string, query: string, variables: Readonly<Json>) => Json
  events: (subgraph: string, query: string, variables: Readonly<Json>) => Promise<Json[]>
  documentOf: (subgraph: string, query: string) => DocumentNode
}

type Asking = { schema: GraphQLSchema; document: DocumentNode; variables: Readonly<Json> }

const MOST_REMEMBERED = 2_000

/** Remembers what costs: documents that were read, and answers that were found. */
function remembering<Value>(make: (subgraph: string, query: string, extra: unknown) => Value) {
  const known = new Map<string, Value>()
  return (subgraph: string, query: string, extra: unknown = null): Value => {
    const key = `${subgraph}\0${query}\0${canonicalJson(extra)}`
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size >= MOST_REMEMBERED) known.clear()
    const made = make(subgraph, query, extra)
    known.set(key, made)
    return made
  }
}

function answered(values: HashedValues, { schema, document, variables }: Asking): ExecutionResult {
  const result = execute({
    ...{ schema, document, typeResolver },
    fieldResolver: resolverOf(values),
    variableValues: { ...variables },
  })
  if (result instanceof Promise) throw new Error('a subgraph of hashes answers at once')
  return result
}

/** Subgraphs that answer for one federation. Throws for a question that is not valid there. */
export function createSubgraphAnswers(
  schemas: ReadonlyMap<string, GraphQLSchema>,
  values: () => HashedValues,
): SubgraphAnswers {
  const schemaOf = (subgraph: string) => {
    const schema = schemas.get(subgraph)
    if (!schema) throw new Error(`no subgraph ${subgraph}`)
    return schema
  }
  const documentOf = remembering((subgraph, query) => {
    const document = parse(query, { noLocation: true })
    const [invalid] = validate(schemaOf(subgraph), document)
    if (invalid) throw new Error(`${subgraph} was asked ${query}: ${invalid.message}`)
    return document
  })
  const texts = remembering((subgraph, query, variables) => {
    const asking = { schema: schemaOf(subgraph), document: documentOf(subgraph, query) }
    return JSON.stringify(answered(values(), { ...asking, variables: variables as Json }))
  })
  return {
    documentOf,
    answer: (subgraph, query, variables) => JSON.parse(texts(subgraph, query, variables)) as Json,
    events: async (subgraph, query, variables) => {
      const asking = {
        schema: schemaOf(subgraph),
        document: documentOf(subgraph, query),
        variables,
      }
      return eventsOf({ ...asking, operationName: undefined }, resolverOf(values()))
    },
  }
}

type Subscribing = Asking & { operationName: string | undefined }

/** All events of a subscription over the world of hashes, as plain JSON. */
export async function eventsOf(
  { schema, document, variables, operationName }: Subscribing,
  fieldResolver: Resolver,
): Promise<Json[]> {
  const stream = await subscribe({
    ...{ schema, document, operationName, fieldResolver, typeResolver },
    variableValues: { ...variables },
    subscribeFieldResolver: async function* (): AsyncGenerator<Thing> {
      for (let event = 0; event < EVENTS; event++) yield rootThing('Subscription', event)
    },
  })
  const events: Json[] = []
  if (!(Symbol.asyncIterator in stream)) events.push(JSON.parse(JSON.stringify(stream)) as Json)
  else for await (const event of stream) events.push(JSON.parse(JSON.stringify(event)) as Json)
  return events
}

/** Resolves as somebody who sees all of the world, so that nothing has to be told. */
export function resolverOfAll(values: HashedValues): Resolver {
  return (given, args, _context, { fieldName, parentType }) => {
    const thing = given ?? rootThing(parentType.name)
    return values.read(thing, fieldName, { ...args, ...values.contextOf(thing, fieldName) })
  }
}
