import { expect, test } from 'vitest'
import { shapeResult } from '#gateway/engine/shape-result.ts'
import { zoo } from '../access/zoo.ts'
import { anonymous, ask, federatedWorld, LINK, loadWorld, operationOf } from './federated-world.ts'

test('what is refused in one place and answered in another keeps the client’s order', async () => {
  const loaded = await loadWorld(federatedWorld(zoo))
  const query = '{ me { boss { email } boss { name shifts { day } } boss { again: name } } }'
  const { data } = await ask(loaded, { query })
  expect(JSON.stringify(data)).toBe(
    '{"me":{"boss":{"email":null,"name":"name of k2","shifts":[{"day":"monday of k2"}],"again":"name of k2"}}}',
  )
})

const NUMBERS = [
  { pages: 2 ** 31 - 1, id: 7, isTaken: true },
  { pages: -(2 ** 31), id: 'b1', isTaken: true },
  { pages: 2 ** 31, id: 'b1', isTaken: false },
  { pages: 0.5, id: 'b1', isTaken: false },
  { pages: 1, id: 0.5, isTaken: false },
]

test.each(NUMBERS)(
  'numbers are what their types say: $pages pages of $id',
  async ({ pages, id, isTaken }) => {
    const world = federatedWorld({
      shop: { sdl: `${LINK} type Query { book: Book } type Book { id: ID pages: Int }` },
    })
    const loaded = await loadWorld(world)
    const fetchSubgraph = async () => ({ data: { book: { id, pages } } })
    const reached = { ...loaded.reached, fetchSubgraph }
    const { data, errors } = await ask({ ...loaded, reached }, { query: '{ book { id pages } }' })
    const book = isTaken ? { id, pages } : expect.objectContaining({})
    expect(data?.book).toEqual(book)
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(
      isTaken ? undefined : ['SUBGRAPH_VALUE_INVALID'],
    )
  },
)

test('of complaints about one thing in a hundred thousand places a thousand are told', async () => {
  const world = federatedWorld({
    tree: { sdl: `${LINK} type Query { top: Node } type Node { nodes: [Node!] name: String! }` },
  })
  const loaded = await loadWorld(world)
  const operation = loaded.authorise(
    operationOf('{ top { nodes { nodes { nodes { name } } } } }'),
    anonymous,
  )
  const many = (node: object) => Array.from({ length: 50 }, () => node)
  const leaf = { name: 5 }
  const [low, middle, high] = [{ nodes: many(leaf) }, {}, {}] as [object, object, object]
  Object.assign(middle, { nodes: many(low) })
  Object.assign(high, { nodes: many(middle) })
  const { data, errors } = shapeResult({
    ...{ operation, schema: loaded.apiSchema, variables: {}, data: { top: high }, errors: [] },
    shared: new Set([leaf, low, middle]),
  })
  const answered = { nodes: many({ nodes: many({ nodes: null }) }) }
  expect(data).toEqual({ top: answered })
  expect(errors?.length).toBeGreaterThan(0)
  expect(errors?.length).toBeLessThanOrEqual(1_000)
})
