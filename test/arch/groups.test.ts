import { buildSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { loadDoors } from './kit/doors.ts'
import { groupsOutsideWhere } from './rules/groups.ts'

const doors = await loadDoors()

test.each([...doors.values()])('what $name groups by, it compares', ({ schema }) => {
  expect(groupsOutsideWhere(schema)).toEqual([])
})

describe('a group that no where compares is found', () => {
  const schemaOf = (fields: string) => {
    const schema = buildSchema(`
      enum BetGroup { status }
      enum UserGroup { name }
      input BetWhere { ${fields} }
      type Query { bets(where: BetWhere, groupBy: [BetGroup!], users: [UserGroup!]): Int }`)
    return groupsOutsideWhere(schema)
  }

  test('allowed: it is compared, or there is no where', () => {
    expect(schemaOf('status: String')).toEqual([])
  })

  test('refused: it is not compared', () => {
    expect(schemaOf('stake: Int')).toEqual(['BetGroup.status is not compared by BetWhere'])
  })
})
