import { defineEntity, p } from '@mikro-orm/core'
import { expect, test } from 'vitest'
import {
  createBatch,
  createChildPages,
  createGroupBatch,
  createPageBatch,
  createRowBatch,
  toForwardPage,
} from '#kernel/db/batches.ts'
import { idColumn, refColumn } from '#kernel/db/columns.ts'
import { transactional } from '#kernel/db/database.ts'
import { databaseError } from '#kernel/db/errors.ts'
import { findList } from '#kernel/db/lists.ts'
import { openSqlite } from '../../kit/database.ts'

const PlayerSchema = defineEntity({
  name: 'Player',
  tableName: 'players',
  properties: { id: idColumn(), teamId: refColumn(), name: p.string().length(20) },
})
class Player extends PlayerSchema.class {}
PlayerSchema.setClass(Player)

/** Team 1 has Ada, Bob and Cleo, team 2 has Dan. */
async function openTeams() {
  const database = await openSqlite([Player])
  await transactional(database.acrossTenants(), async (tx) => {
    const players = { Ada: '1', Bob: '1', Cleo: '1', Dan: '2' }
    for (const [name, teamId] of Object.entries(players)) {
      tx.persist(tx.create(Player, { name, teamId }))
    }
    await tx.flush()
  })
  const asked: (readonly string[])[] = []
  const read = () => database.acrossTenants()
  return {
    asked,
    read,
    rename: (id: string, name: string) =>
      transactional(read(), async (tx) => {
        const player = await tx.findOneOrFail(Player, { id })
        player.name = name
        await tx.flush()
      }),
    byId: createRowBatch(
      (ids) => {
        asked.push(ids)
        return read().find(Player, { id: { $in: [...ids] } })
      },
      ({ id }: Player) => id,
    ),
    [Symbol.asyncDispose]: () => database.close(),
  }
}

const namesOf = (page: { edges: { node: Player }[] }) => page.edges.map(({ node }) => node.name)

test('rows asked for in one turn are one query, each key once, in the order of the asking', async () => {
  await using teams = await openTeams()
  const rows = await Promise.all(['3', '1', '3', '99'].map(teams.byId))
  expect(rows.map((row) => row?.name ?? null)).toEqual(['Cleo', 'Ada', 'Cleo', null])
  expect(teams.asked).toEqual([['3', '1', '99']])
})

test('a read after a change sees the change', async () => {
  await using teams = await openTeams()
  await teams.byId('1')
  await teams.rename('1', 'Adele')
  expect((await teams.byId('1'))?.name).toBe('Adele')
})

test('a thousand keys are one query, the next one begins another', async () => {
  const sizes: number[] = []
  const double = createBatch(async (keys: readonly number[]) => {
    sizes.push(keys.length)
    return keys.map((key) => key * 2)
  })
  const found = await Promise.all(Array.from({ length: 1_001 }, (_, key) => double(key)))
  expect(found[1_000]).toBe(2_000)
  expect(sizes).toEqual([1_000, 1])
})

test('one refused key does not refuse the others of its batch', async () => {
  const load = createBatch(async (keys: readonly string[]) =>
    keys.map((key) => (key === 'bad' ? databaseError('ID_INVALID') : key)),
  )
  const [good, bad] = await Promise.allSettled([load('good'), load('bad')])
  expect(good).toEqual({ status: 'fulfilled', value: 'good' })
  expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'ID_INVALID' } })
})

test('the rows of many parents are one query; a parent without rows has none', async () => {
  await using teams = await openTeams()
  let queries = 0
  const ofTeam = createGroupBatch(
    (ids) => {
      queries += 1
      return teams.read().find(Player, { teamId: { $in: [...ids] } })
    },
    ({ teamId }: Player) => teamId,
  )
  const groups = await Promise.all(['2', '1', '7'].map(ofTeam))
  expect(groups.map((rows) => rows.length)).toEqual([1, 3, 0])
  expect(queries).toBe(1)
})

test('pages of children are asked for once per question, whatever number of parents', async () => {
  const asked: { parents: readonly string[]; query: object }[] = []
  const ofTeam = createPageBatch(async (parents, query: { least: bigint }) => {
    asked.push({ parents, query })
    return parents.map(() => ({ edges: [], hasNextPage: false, hasPreviousPage: false }))
  })
  await Promise.all([
    ofTeam('1', { least: 5n }),
    ofTeam('2', { least: 5n }),
    ofTeam('1', { least: 5n }),
    ofTeam('1', { least: 6n }),
  ])
  expect(asked).toEqual([
    { parents: ['1', '2'], query: { least: 5n } },
    { parents: ['1'], query: { least: 6n } },
  ])
})

test('children come page by page; a refused page does not refuse the others', async () => {
  await using teams = await openTeams()
  const ofTeam = createChildPages(teams.read, Player, { parent: 'teamId' })
  const [first, other, refused] = await Promise.allSettled([
    ofTeam('1', { first: 2 }),
    ofTeam('2', { first: 2 }),
    ofTeam('1', { first: 101 }),
  ])
  if (first.status === 'rejected' || other.status === 'rejected') throw new Error('was refused')
  expect([namesOf(first.value), namesOf(other.value)]).toEqual([['Ada', 'Bob'], ['Dan']])
  expect(first.value.hasNextPage).toBe(true)
  const after = first.value.edges.at(-1)?.cursor ?? null
  expect(namesOf(await ofTeam('1', { first: 2, after }))).toEqual(['Cleo'])
  expect(refused).toMatchObject({ reason: { code: 'PAGE_SIZE_INVALID' } })
})

test('child lists go forward alone', () => {
  expect(toForwardPage({ first: 3, after: 'x' })).toEqual({ first: 3, after: 'x' })
  expect(() => toForwardPage({ last: 3 })).toThrow(
    expect.objectContaining({ code: 'PAGE_SIZE_INVALID' }),
  )
  expect(() => toForwardPage({ before: 'x' })).toThrow(
    expect.objectContaining({ code: 'PAGE_SIZE_INVALID' }),
  )
})

test('a list is filtered, ordered and cut into pages as asked', async () => {
  await using teams = await openTeams()
  const query = { orderBy: [['name', 'desc']] as const, page: { first: 2 } }
  const page = await findList(teams.read(), Player, { ...query, where: { teamId: { eq: '1' } } })
  expect([namesOf(page), page.hasNextPage]).toEqual([['Cleo', 'Bob'], true])
})
