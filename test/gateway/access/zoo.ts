import { LINK, type SubgraphSource } from '../engine/federated-world.ts'

const ANIMALS = [
  { __typename: 'Dog', id: '1', name: 'Rex', bark: 'wuff', chip: 'D-1' },
  { __typename: 'Cat', id: '2', name: 'Tom', purr: 'rrr', chip: 'C-2' },
]

/** Two subgraphs whose fields carry every kind of rule. */
export const zoo: Record<string, SubgraphSource> = {
  animals: {
    sdl: `${LINK}
      type Query {
        me: Keeper
        keepers: [Keeper!]!
        animals: [Animal!]
        pets: [Pet!]
        secret: String @authenticated
        mood: Mood
        plan: String @policy(policies: [["director"], ["planner", "day-shift"]])
        maybe(on: Boolean!): String @requiresScopes(scopes: [["maybe:read"]])
        open: String!
      }
      type Mutation {
        feed(id: ID!): Animal
        fire(id: ID!): Keeper @requiresScopes(scopes: [["keepers:write"]])
      }
      type Subscription { fed: Keeper  escaped: Animal @authenticated }
      type Keeper @key(fields: "id") {
        id: ID! @requiresScopes(scopes: [["ids:read"]])
        name: String
        email: String @requiresScopes(scopes: [["email:read", "people:read"], ["all:read"]])
        salary: Int! @requiresScopes(scopes: [["money:read"]])
        boss: Keeper
      }
      interface Animal { id: ID! name: String chip: String }
      type Dog implements Animal { id: ID! name: String chip: String bark: String }
      type Cat implements Animal @requiresScopes(scopes: [["cats:read"]]) {
        id: ID! name: String chip: String purr: String
      }
      union Pet = Dog | Cat
      enum Mood @authenticated { CALM WILD }
    `,
    resolvers: {
      Query: {
        me: () => ({ id: 'k1' }),
        keepers: () => [{ id: 'k1' }, { id: 'k2' }],
        animals: () => ANIMALS,
        pets: () => ANIMALS,
        secret: () => 'the door code',
        mood: () => 'CALM',
        plan: () => 'open at nine',
        maybe: () => 'maybe',
        open: () => 'open',
      },
      Mutation: { feed: () => ANIMALS[0], fire: () => ({ id: 'k2' }) },
      Keeper: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        name: ({ id }: { id: string }) => `name of ${id}`,
        email: ({ id }: { id: string }) => `${id}@zoo.example`,
        salary: () => 100,
        boss: () => ({ id: 'k2' }),
      },
    },
  },
  shifts: {
    sdl: `${LINK}
      type Keeper @key(fields: "id") {
        id: ID!
        shifts: [Shift!]
      }
      type Shift { day: String  notes: String @authenticated  stand: Keeper }
    `,
    resolvers: {
      Keeper: {
        shifts: ({ id }: { id: string }) => [{ day: `monday of ${id}`, notes: 'n', stand: { id } }],
      },
    },
  },
}

/**
 * Newer compositions carry the rules of implementers up to the interface; older ones and other
 * composers do not, and then the interface says nothing of what it may answer with.
 */
export function withoutRulesOnAnimal(sdl: string): string {
  const edited = sdl.replace(
    /(interface Animal\s+@join__type\(graph: ANIMALS\))\s+@requiresScopes\([^)]*\)/,
    '$1',
  )
  if (edited === sdl) throw new Error('the interface carries no rule')
  return edited
}
