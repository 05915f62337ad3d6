import { expect, test } from 'vitest'
import { zoo } from '../access/zoo.ts'
import { ask, federatedWorld, LINK, loadWorld } from './federated-world.ts'

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
