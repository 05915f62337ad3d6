import { beforeAll, expect, test } from 'vitest'
import {
  anonymous,
  ask,
  federatedWorld,
  LINK,
  type Loaded,
  loadWorld,
  operationOf,
  type SubgraphSource,
} from '../engine/federated-world.ts'

/** Identity vouches for the ids of a person's rooms; the house opens whatever is vouched for. */
const house: Record<string, SubgraphSource> = {
  people: {
    sdl: `${LINK}
      type Query { me: Person someone: Named both: [Being!] }
      interface Named { name: String }
      union Being = Person | Pet
      type Pet { name: String nick: String }
      type Person implements Named @key(fields: "id") { id: ID! name: String motto: [ID!]! roomIds: [ID!]! }
    `,
    resolvers: {
      Query: { me: () => ME, someone: () => ME, both: () => [ME] },
    },
  },
  rooms: {
    sdl: `${LINK}
      type Person @key(fields: "id") {
        id: ID!
        roomIds: [ID!]! @external
        rooms: [String!] @requires(fields: "roomIds")
      }
    `,
    resolvers: {
      Person: {
        __resolveReference: (person: object) => person,
        rooms: ({ roomIds }: { roomIds: string[] }) => roomIds.map((id) => `room ${id}`),
      },
    },
  },
}

const ME = { __typename: 'Person', id: '1', name: 'Ada', motto: ['7', '8'], roomIds: ['1'] }

let loaded: Loaded

beforeAll(async () => {
  loaded = await loadWorld(federatedWorld(house))
})

test.each([
  ['of a requirement', '{ me { roomIds: motto rooms } }'],
  ['of a key', '{ me { id: name rooms } }'],
  ['of a key, asked of the interface', '{ someone { id: name ... on Person { rooms } } }'],
  ['in a fragment', '{ me { ...P rooms } } fragment P on Person { roomIds: motto }'],
])('no alias puts another value in the place %s', (_where, query) => {
  expect(() => loaded.authorise(operationOf(query), anonymous)).toThrow(
    expect.objectContaining({ code: 'RESPONSE_KEY_RESERVED' }),
  )
})

test.each([
  ['the field itself', '{ me { roomIds: roomIds rooms } }', { roomIds: ['1'], rooms: ['room 1'] }],
  ['another field', '{ me { name: motto rooms } }', { name: ['7', '8'], rooms: ['room 1'] }],
])('an alias that is the name of %s stays allowed', async (_which, query, me) => {
  expect(await ask(loaded, { query, viewer: anonymous })).toEqual({ data: { me } })
})

test('a type that is known by no key keeps all its aliases', async () => {
  const query = '{ id: me { name } both { ... on Pet { id: nick } } }'
  expect((await ask(loaded, { query, viewer: anonymous })).errors).toBeUndefined()
})
