import fc from 'fast-check'
import { buildSchema } from 'graphql'
import { expect, test } from 'vitest'
import { representationsOf } from '#gateway/engine/representations.ts'

const schema = buildSchema(
  'type Query { p: P } type P { id: ID size: Int of: Q } type Q { id: ID }',
)

const field = (name: string) => ({ kind: 'Field' as const, name })
const requiring = (typeCondition: string, ...names: string[]) => ({
  kind: 'InlineFragment' as const,
  typeCondition,
  selections: ['__typename', ...names].map(field),
})
const fetch = { requires: [requiring('P', 'id', 'size'), requiring('Q', 'id')] }

const leaf = fc.constantFrom<unknown>('1', 1, '', 0, true, false, null, 'a"b', undefined)
const anyObject = fc
  .record({ __typename: fc.constantFrom('P', 'Q', 'Nobody', undefined), id: leaf, size: leaf })
  .map((object) => JSON.parse(JSON.stringify(object)) as Record<string, unknown>)

/** Each for itself, as the specification of `_entities` has it. */
function representationOf(object: Record<string, unknown>): string | null {
  const { __typename: type, id, size } = object
  if (type !== 'P' && type !== 'Q') return null
  if (id === undefined || (type === 'P' && size === undefined)) return null
  return JSON.stringify(type === 'P' ? { __typename: type, id, size } : { __typename: type, id })
}

test('equal objects are asked for once, each belongs to what is answered for it, and others are left out', () => {
  fc.assert(
    fc.property(fc.array(anyObject, { maxLength: 60 }), (objects) => {
      const expected = new Map<string, object[]>()
      for (const object of objects) {
        const text = representationOf(object)
        if (text !== null) expected.set(text, [...(expected.get(text) ?? []), object])
      }
      const { text, owners } = representationsOf(schema, fetch, objects)
      expect(text).toBe(`[${[...expected.keys()].join()}]`)
      expect(owners).toHaveLength(expected.size)
      for (const [index, group] of [...expected.values()].entries())
        for (const [place, object] of group.entries()) expect(owners[index]?.[place]).toBe(object)
    }),
    { numRuns: 1_000 },
  )
})
