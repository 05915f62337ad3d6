import { type DocumentNode, Kind, parse, type TypeDefinitionNode } from 'graphql'
import { describe, expect, test } from 'vitest'
import { printSubgraph } from '#kernel/graphql/compose.ts'
import { loadDoors } from './kit/doors.ts'

type Named = { name: string; document: DocumentNode }

const appliedTo = (
  directives: readonly { name: { value: string }; arguments?: readonly { value: object }[] }[],
  name: string,
) => directives.find((directive) => directive.name.value === name)

/** `Type.field` → what each subgraph that answers it says of its sharing. */
function sharingOfFields(subgraphs: readonly Named[]): Map<string, Map<string, string>> {
  const said = new Map<string, Map<string, string>>()
  for (const { name, document } of subgraphs) {
    for (const node of document.definitions) {
      if (!('fields' in node) || node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) continue
      const type = node as TypeDefinitionNode & {
        fields: readonly {
          name: { value: string }
          directives: readonly {
            name: { value: string }
            arguments: readonly { value: object }[]
          }[]
        }[]
      }
      for (const field of type.fields ?? []) {
        if (appliedTo(field.directives, 'external')) continue
        const shares = appliedTo(field.directives, 'shares')?.arguments?.[0]?.value
        const by = shares && 'value' in shares ? String(shares.value) : 'viewer'
        const coordinate = `${type.name.value}.${field.name.value}`
        const ofField = said.get(coordinate) ?? new Map<string, string>()
        said.set(coordinate, ofField.set(name, by))
      }
    }
  }
  return said
}

const contradictions = (subgraphs: readonly Named[]) =>
  [...sharingOfFields(subgraphs)].flatMap(([coordinate, said]) =>
    new Set(said.values()).size > 1 ? [`${coordinate}: ${JSON.stringify([...said])}`] : [],
  )

describe('what several subgraphs answer, they share alike', () => {
  test('in all of ours', async () => {
    const doors = await loadDoors()
    const subgraphs = [...doors.values()].map(({ name, schema }) => ({
      name,
      document: parse(printSubgraph(schema)),
    }))
    expect(sharingOfFields(subgraphs).get('PageInfo.hasNextPage')?.size).toBeGreaterThan(1)
    expect(contradictions(subgraphs)).toEqual([])
  })

  test('a contradiction is found', () => {
    const one = { name: 'a', document: parse('type T { id: ID! @shares(by: "everyone") }') }
    const other = { name: 'b', document: parse('type T { id: ID! }') }
    expect(contradictions([one, other])).toEqual(['T.id: [["a","everyone"],["b","viewer"]]'])
  })
})
