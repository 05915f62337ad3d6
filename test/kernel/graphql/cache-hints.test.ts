import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createBuilder, type RequestContext, toSubgraphSchema } from '#kernel/graphql/builder.ts'
import { maxAgeOf } from '#kernel/graphql/cache-hints.ts'
import { schema as analytics } from '#subgraphs/analytics/schema.ts'

const PUBLIC = { auth: { public: true } } as const

function createShelf() {
  const builder = createBuilder<RequestContext>()
  const Author = builder.objectRef<object>('Author').implement({
    ...{ description: 'Who wrote it.', auth: { public: true } },
    fields: (t) => ({ name: t.string({ description: 'A name.', resolve: () => 'A' }) }),
  })
  const Book = builder.objectRef<{ id: string }>('Book').implement({
    ...{ description: 'A book.', auth: { public: true }, cache: { maxAgeSeconds: 60 } },
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      price: t.int({
        ...{ description: 'Its price.', cache: { maxAgeSeconds: 5 } },
        resolve: () => 1,
      }),
      author: t.field({ type: Author, description: 'Its author.', resolve: () => ({}) }),
      next: t.field({
        ...{ type: Author, description: 'Another author.', cache: { maxAgeSeconds: 30 } },
        resolve: () => ({}),
      }),
    }),
  })
  builder.asEntity(Book, {
    key: builder.selection<{ id: string }>('id'),
    resolveReference: ({ id }) => ({ id }),
  })
  builder.queryFields((t) => ({
    book: t.field({ ...PUBLIC, type: Book, description: 'One.', resolve: () => ({ id: '1' }) }),
    slow: t.field({
      ...{ ...PUBLIC, type: Book, description: 'One that stays.', cache: { maxAgeSeconds: 600 } },
      resolve: () => ({ id: '1' }),
    }),
    author: t.field({ ...PUBLIC, type: Author, description: 'One.', resolve: () => ({}) }),
    count: t.int({ ...PUBLIC, description: 'How many.', resolve: () => 1 }),
    total: t.int({
      ...{ ...PUBLIC, description: 'How many, kept.', cache: { maxAgeSeconds: 7 } },
      resolve: () => 1,
    }),
  }))
  builder.mutationType({ description: 'Changes.' })
  builder.mutationField('write', (t) =>
    t.field({ ...PUBLIC, type: Book, description: 'Writes.', resolve: () => ({ id: '1' }) }),
  )
  return toSubgraphSchema(builder)
}

const schema = createShelf()
const ageOf = (text: string, operationName?: string) =>
  maxAgeOf({ schema, document: parse(text), operationName })
const entity = (selection: string) =>
  `query ($r: [_Any!]!) { _entities(representations: $r) { ${selection} } }`

describe('how long an answer may be kept', () => {
  test.each([
    ['as long as its type', '{ book { id } }', 60],
    ['as long as its field says rather than its type', '{ slow { id } }', 600],
    ['no longer than a part that changes sooner', '{ book { id price } }', 5],
    ['no longer than the least of its root fields', '{ slow { id } book { id } total }', 7],
    ['as long as a part with a life of its own', '{ slow { next { name } } }', 30],
    ['not at all where a part with parts says nothing', '{ book { author { name } } }', 0],
    ['not at all where a root field says nothing', '{ author { name } }', 0],
    ['not at all where a plain root field says nothing', '{ total count }', 0],
    ['as an entity, as long as its type', entity('... on Book { id }'), 60],
    ['as an entity, no longer than its parts', entity('__typename ... on Book { price }'), 5],
    ['as an entity of which nothing is said, not at all', entity('__typename'), 0],
    ['through fragments', '{ book { ...F } } fragment F on Book { price }', 5],
    ['not at all beside the schema', '{ book { id } __schema { queryType { name } } }', 0],
    ['not at all beside the schema of the subgraph', '{ book { id } _service { sdl } }', 0],
    ['not at all when it is a change', 'mutation { write { id } }', 0],
    ['not at all when nothing is asked', '{ __typename }', 0],
  ])('%s', (_how, text, age) => {
    expect(ageOf(text)).toBe(age)
  })

  test('not at all for an operation that is not there', () => {
    expect(ageOf('query A { book { id } }', 'B')).toBe(0)
    expect(ageOf('query A { book { id } }', 'A')).toBe(60)
  })

  test('competitions of feeds for a minute, odds not at all', () => {
    const of = (text: string) => maxAgeOf({ schema: analytics, document: parse(text) })
    expect(of('{ competitions { name fixtures } }')).toBe(60)
    expect(of('{ competitions { name } fixture(id: "1") { home } }')).toBe(0)
  })
})
