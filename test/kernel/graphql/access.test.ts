import { type ExecutionResult, graphql, parse, subscribe } from 'graphql'
import { expect, test } from 'vitest'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { composeSupergraph, printSubgraph } from '#kernel/graphql/compose.ts'
import { anonymous, contextOf, createTicketSchema, viewerWith } from './kit.ts'

const schema = createTicketSchema()
const REFUSED = 'UNAUTHORIZED_FIELD_OR_TYPE'

async function ask(source: string, viewer: Viewer, policies: readonly string[] = []) {
  const result = await graphql({ schema, source, contextValue: contextOf(viewer, policies) })
  const codes = result.errors?.map((error) => error.extensions.code) ?? []
  return { data: JSON.parse(JSON.stringify(result.data ?? null)), codes }
}

const TICKETS = '{ tickets { edges { node { title secret } } } }'
const ENTITY =
  '{ _entities(representations: [{ __typename: "Ticket", id: "1" }]) { ... on Ticket { title secret } } }'

test('a public field answers anybody', async () => {
  expect(await ask('{ ping }', anonymous)).toEqual({ data: { ping: 'pong' }, codes: [] })
})

test('an authenticated field answers whoever signed in and refuses the anonymous', async () => {
  expect(await ask('{ mine }', viewerWith([]))).toEqual({ data: { mine: 'yours' }, codes: [] })
  expect(await ask('{ mine }', anonymous)).toEqual({ data: { mine: null }, codes: [REFUSED] })
})

test('scopes are an outer or of inner ands', async () => {
  const secretFor = async (...scopes: string[]) => {
    const { data, codes } = await ask(TICKETS, viewerWith(['odds:read', ...scopes]))
    return { secret: data.tickets.edges[0].node.secret, codes }
  }
  expect(await secretFor('users:write')).toEqual({ secret: 'inside', codes: [] })
  expect(await secretFor('roles:read', 'roles:write')).toEqual({ secret: 'inside', codes: [] })
  expect(await secretFor('roles:read')).toEqual({ secret: null, codes: [REFUSED] })
  expect(await secretFor()).toEqual({ secret: null, codes: [REFUSED] })
})

test('one refused field leaves the others standing', async () => {
  const { data } = await ask(TICKETS, viewerWith(['odds:read']))
  expect(data.tickets.edges[0].node).toEqual({ title: 'Parlay', secret: null })
})

test('an entity asks the access of its type although no root field was passed', async () => {
  expect(await ask(ENTITY, viewerWith(['odds:read', 'users:write']))).toEqual({
    data: { _entities: [{ title: 'Parlay', secret: 'inside' }] },
    codes: [],
  })
  const refused = await ask(ENTITY, viewerWith([]))
  expect(refused.data._entities).toEqual([null])
  expect(refused.codes).toContain(REFUSED)
})

test('a policy holds when every name of one list does', async () => {
  const answer = async (...policies: string[]) =>
    (await ask('{ audited }', viewerWith([]), policies)).data.audited
  expect(await answer('operator')).toBe('log')
  expect(await answer('auditor', 'on-duty')).toBe('log')
  expect(await answer('auditor')).toBe(null)
})

test('a subscription is refused before it starts', async () => {
  const document = parse('subscription { ticketChanged { title } }')
  const open = (viewer: Viewer) => subscribe({ schema, document, contextValue: contextOf(viewer) })
  const refused = (await open(viewerWith([]))) as ExecutionResult
  expect(refused.errors?.[0]?.extensions.code).toBe(REFUSED)
  const stream = (await open(viewerWith(['odds:read']))) as AsyncGenerator<ExecutionResult>
  const { value } = await stream.next()
  expect(value.data.ticketChanged).toMatchObject({ title: 'Parlay' })
})

test('the same declaration stands in the SDL as federation directives', () => {
  const sdl = printSubgraph(schema)
  expect(sdl).toContain('mine: String @authenticated')
  expect(sdl).toContain('audited: String @policy(policies: [["auditor", "on-duty"], ["operator"]])')
  expect(sdl).toContain('@requiresScopes(scopes: [["roles:read", "roles:write"], ["users:write"]])')
  expect(sdl).toMatch(/type Ticket\s+@key\(fields: "id"\)\s+@requiresScopes/)
  // Said of the type, and so of each of its fields here.
  expect(sdl).toContain('title: String! @shares(by: "tenant")')
  expect(sdl).toContain('hasNextPage: Boolean! @shares(by: "everyone")')
  expect(sdl).toMatch(/tickets\([^)]*\): [^\n]* @shares\(by: "everyone"\)[^\n]* @listSize\(/)
})

test('the supergraph carries access and sharing of every subgraph', () => {
  const supergraph = composeSupergraph([
    { name: 'tickets', url: 'http://tickets.local', sdl: printSubgraph(schema) },
  ])
  expect(supergraph).toContain('@requiresScopes(scopes: [["odds:read"]])')
  expect(supergraph).toContain('@shares(by: "everyone")')
})

test('subgraphs that contradict each other do not compose, with every reason', () => {
  const other = printSubgraph(schema).replace('ping: String!', 'ping: Int!')
  const compose = () =>
    composeSupergraph([
      { name: 'one', url: 'http://one.local', sdl: printSubgraph(schema) },
      { name: 'two', url: 'http://two.local', sdl: other },
    ])
  expect(compose).toThrow(expect.objectContaining({ code: 'COMPOSITION_FAILED' }))
})
