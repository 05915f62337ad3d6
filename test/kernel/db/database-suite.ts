import { defineEntity, p } from '@mikro-orm/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reach } from '#kernel/auth/viewer.ts'
import { aggregate } from '#kernel/db/aggregates.ts'
import { bigColumn, idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'
import { deleteWhere, flushUnlessTaken, updateWhere } from '#kernel/db/conditional-writes.ts'
import { type Database, transactional } from '#kernel/db/database.ts'
import { findChildPages, findPage, type Page } from '#kernel/db/keyset-pages.ts'
import { schemaDrift } from '#kernel/db/migrations.ts'
import { toCondition } from '#kernel/db/where.ts'

const StakeSchema = defineEntity({
  name: 'Stake',
  tableName: 'stakes',
  uniques: [{ properties: ['code'] }],
  properties: {
    id: idColumn(),
    tenantId: refColumn().nullable(),
    guildId: refColumn().nullable(),
    code: p.string().length(50),
    amount: bigColumn(),
    at: timeColumn(),
  },
})
export class Stake extends StakeSchema.class {}
StakeSchema.setClass(Stake)

const DISCORD_ID = '1184389788765712384'
const ACME: Reach = { kind: 'tenant', tenantId: '1' }
const GLOBEX: Reach = { kind: 'tenant', tenantId: '2' }
const LOUNGE: Reach = { kind: 'guild', tenantId: '1', guildId: DISCORD_ID }

export type DatabaseSuite = {
  open: (
    entities: readonly (typeof Stake)[],
    options?: { platformRowsVisible: readonly (typeof Stake)[] },
  ) => Promise<Database & AsyncDisposable>
  /** How many random lists each property is tried on. */
  runs: number
}

type Row = Partial<Pick<Stake, 'tenantId' | 'guildId' | 'amount'>> & { code: string }

async function store(database: Database, rows: readonly Row[]): Promise<string[]> {
  return transactional(database.acrossTenants(), async (tx) => {
    const stakes = rows.map((row) =>
      tx.create(Stake, {
        tenantId: row.tenantId ?? '1',
        guildId: row.guildId ?? null,
        code: row.code,
        amount: row.amount ?? 100n,
        at: new Date(1_700_000_000_123),
      }),
    )
    await tx.flush()
    return stakes.map(({ id }) => id)
  })
}

const codesSeen = async (database: Database, reach: Reach) =>
  (await database.fork(reach).find(Stake, {}, { orderBy: { id: 'asc' } })).map(({ code }) => code)

/** What `kernel/db` promises on every engine. */
export function describeDatabase(name: string, { open, runs }: DatabaseSuite): void {
  describe(`reach on ${name}`, () => {
    const world = async (database: Database) =>
      store(database, [
        { code: 'acme' },
        { code: 'acme-lounge', guildId: DISCORD_ID },
        { code: 'globex', tenantId: '2' },
      ])

    test('each reach reads its own rows', async () => {
      await using database = await open([Stake])
      await world(database)
      expect(await codesSeen(database, { kind: 'platform' })).toEqual([
        'acme',
        'acme-lounge',
        'globex',
      ])
      expect(await codesSeen(database, ACME)).toEqual(['acme', 'acme-lounge'])
      expect(await codesSeen(database, LOUNGE)).toEqual(['acme-lounge'])
      expect(await codesSeen(database, { kind: 'none' })).toEqual([])
    })

    test('rows of the platform are visible where the entity says so, and nowhere else', async () => {
      await using shared = await open([Stake], { platformRowsVisible: [Stake] })
      await using closed = await open([Stake])
      for (const database of [shared, closed]) {
        await transactional(database.acrossTenants(), async (tx) => {
          const at = new Date(0)
          tx.create(Stake, { tenantId: null, guildId: null, code: 'platform', amount: 1n, at })
        })
      }
      expect(await codesSeen(shared, ACME)).toEqual(['platform'])
      expect(await codesSeen(shared, { kind: 'none' })).toEqual(['platform'])
      expect(await codesSeen(closed, ACME)).toEqual([])
      expect(await codesSeen(closed, { kind: 'none' })).toEqual([])
    })

    test('no write crosses a border, by whatever way it is tried', async () => {
      await using database = await open([Stake])
      const [acmeId = ''] = await world(database)
      const row = { tenantId: '1', guildId: null, code: 'x', amount: 1n, at: new Date(0) }
      const byFlush: ((em: ReturnType<Database['fork']>) => void)[] = [
        (em) => em.create(Stake, row),
        (em) => Object.assign(em.getReference(Stake, acmeId), { amount: 9n }),
        (em) => em.remove(em.getReference(Stake, acmeId)),
      ]
      for (const attempt of byFlush) {
        const refused = transactional(database.fork(GLOBEX), async (tx) => attempt(tx))
        await expect(refused).rejects.toMatchObject({ code: 'TENANT_ISOLATION_VIOLATED' })
      }
      const em = database.fork(GLOBEX)
      expect(await updateWhere(em, Stake, { where: { id: acmeId }, add: { amount: 1 } })).toBe(0)
      expect(await deleteWhere(em, Stake, { id: acmeId })).toBe(0)
      const move = updateWhere(em, Stake, { where: {}, set: { tenantId: '1' } })
      await expect(move).rejects.toMatchObject({ code: 'TENANT_ISOLATION_VIOLATED' })
      expect(await codesSeen(database, ACME)).toEqual(['acme', 'acme-lounge'])
    })

    test('its own rows a tenant may write, move within, and remove', async () => {
      await using database = await open([Stake])
      const [acmeId = ''] = await world(database)
      await transactional(database.fork(ACME), async (tx) => {
        const stake = await tx.findOneOrFail(Stake, { id: acmeId })
        stake.guildId = DISCORD_ID
      })
      expect(await codesSeen(database, LOUNGE)).toEqual(['acme', 'acme-lounge'])
      await transactional(database.fork(LOUNGE), async (tx) => {
        tx.remove(await tx.findOneOrFail(Stake, { id: acmeId }))
      })
      expect(await codesSeen(database, ACME)).toEqual(['acme-lounge'])
    })

    test('a guild cannot write into another guild of its tenant', async () => {
      await using database = await open([Stake])
      const refused = transactional(database.fork(LOUNGE), async (tx) => {
        tx.create(Stake, { tenantId: '1', guildId: '7', code: 'x', amount: 1n, at: new Date(0) })
      })
      await expect(refused).rejects.toMatchObject({ code: 'TENANT_ISOLATION_VIOLATED' })
    })
  })

  describe(`values on ${name}`, () => {
    test('ids beyond 2^53, amounts of 64 bits and milliseconds come back as they went in', async () => {
      await using database = await open([Stake])
      const largest = 2n ** 63n - 1n
      await store(database, [{ code: 'a', guildId: DISCORD_ID, amount: largest }])
      const [stake] = await database.acrossTenants().find(Stake, {})
      expect(stake).toMatchObject({
        guildId: DISCORD_ID,
        amount: largest,
        at: new Date(1_700_000_000_123),
      })
    })

    test('what is no id is refused with a code', async () => {
      await using database = await open([Stake])
      const em = database.acrossTenants()
      for (const id of ['abc', '-1', '0', '1e9', '9223372036854775808', "1' or '1'='1"]) {
        await expect(em.find(Stake, { id })).rejects.toMatchObject({ code: 'ID_INVALID' })
      }
    })

    test('letters of another case are another code', async () => {
      await using database = await open([Stake])
      await store(database, [{ code: 'Acme' }, { code: 'acme' }])
      expect(await database.acrossTenants().count(Stake, { code: 'ACME' })).toBe(0)
    })

    test('a taken unique key answers false and writes nothing', async () => {
      await using database = await open([Stake])
      await store(database, [{ code: 'acme' }])
      const taken = await transactional(database.acrossTenants(), async (tx) => {
        tx.create(Stake, {
          tenantId: '1',
          guildId: null,
          code: 'acme',
          amount: 1n,
          at: new Date(0),
        })
        return flushUnlessTaken(tx)
      }).catch((failure: Error) => failure.message)
      expect(taken).not.toBe(true)
      expect(await database.acrossTenants().count(Stake)).toBe(1)
    })

    test('a database made from the entities does not drift from them', async () => {
      await using database = await open([Stake])
      expect(await schemaDrift(database)).toEqual([])
    })
  })

  describe(`transactions on ${name}`, () => {
    test('a failure leaves nothing behind', async () => {
      await using database = await open([Stake])
      const failed = transactional(database.fork(ACME), async (tx) => {
        tx.create(Stake, { tenantId: '1', guildId: null, code: 'x', amount: 1n, at: new Date(0) })
        await tx.flush()
        throw new Error('stop')
      })
      await expect(failed).rejects.toThrow('stop')
      expect(await database.acrossTenants().count(Stake)).toBe(0)
    })

    test('a second connection inside a transaction is refused instead of hanging', async () => {
      await using database = await open([Stake])
      const outer = database.acrossTenants()
      const inside = transactional(outer, async () => {
        expect(() => database.fork(ACME)).toThrow(/second connection/)
        await expect(outer.find(Stake, {})).rejects.toMatchObject({ code: 'DATABASE_NESTED_FORK' })
        return transactional(outer, async () => 'never')
      })
      await expect(inside).rejects.toMatchObject({ code: 'DATABASE_NESTED_FORK' })
    })

    test('fifty writers of one row lose no update', async () => {
      await using database = await open([Stake])
      const [first = '', second = ''] = await store(database, [
        { code: 'a', amount: 0n },
        { code: 'b', amount: 0n },
      ])
      const write = (ids: string[]) =>
        transactional(database.fork(ACME), async (tx) => {
          for (const id of ids) {
            await updateWhere(tx, Stake, { where: { id }, add: { amount: 1 } })
          }
        })
      // Half of them take the two locks in the other order: deadlocks are tried again.
      await Promise.all(
        Array.from({ length: 50 }, (_, turn) =>
          write(turn % 2 ? [first, second] : [second, first]),
        ),
      )
      const rows = await database.acrossTenants().find(Stake, {})
      expect(rows.map(({ amount }) => amount)).toEqual([50n, 50n])
    })
  })

  describe(`lists on ${name}`, () => {
    const listed = fc.array(
      fc.record({ amount: fc.bigInt(0n, 5n), tenantId: fc.constantFrom('1', '2') }),
      { maxLength: 30 },
    )

    test('pages forward and backward hold every row once, in order', async () => {
      await using database = await open([Stake])
      await fc.assert(
        fc.asyncProperty(listed, fc.integer({ min: 1, max: 7 }), async (rows, size) => {
          await deleteWhere(database.acrossTenants(), Stake, {})
          await store(
            database,
            rows.map((row, index) => ({ ...row, code: `c${index}` })),
          )
          const expected = (
            await database.fork(ACME).find(Stake, {}, { orderBy: { amount: 'desc', id: 'asc' } })
          ).map(({ code }) => code)
          expect(await walk(database, { first: size })).toEqual(expected)
          expect(await walk(database, { last: size })).toEqual(expected)
        }),
        { numRuns: runs },
      )
    })

    async function walk(database: Database, step: { first: number } | { last: number }) {
      const codes: string[] = []
      let cursor: string | null = null
      for (;;) {
        const page: Page<Stake> = await findPage(database.fork(ACME), Stake, {
          where: {},
          orderBy: [['amount', 'desc']],
          page: 'first' in step ? { ...step, after: cursor } : { ...step, before: cursor },
        })
        const seen = page.edges.map(({ node }) => node.code)
        if ('first' in step) codes.push(...seen)
        else codes.unshift(...seen)
        const hasMore = 'first' in step ? page.hasNextPage : page.hasPreviousPage
        cursor = ('first' in step ? page.edges.at(-1) : page.edges[0])?.cursor ?? null
        if (!hasMore) return codes
      }
    }

    test('a page size or cursor that no list gave out is refused', async () => {
      await using database = await open([Stake])
      await store(database, [{ code: 'a' }])
      const list = (page: object) =>
        findPage(database.fork(ACME), Stake, { where: {}, orderBy: [['code', 'asc']], page })
      for (const first of [0, -1, 101, 1.5]) {
        await expect(list({ first })).rejects.toMatchObject({ code: 'PAGE_SIZE_INVALID' })
      }
      await expect(list({ first: 1, last: 1 })).rejects.toMatchObject({ code: 'PAGE_SIZE_INVALID' })
      for (const after of ['', 'x', 'WyJ4Il0', 'W10', 'bnVsbA', 'x'.repeat(5000)]) {
        await expect(list({ after })).rejects.toMatchObject({ code: 'PAGE_CURSOR_INVALID' })
      }
    })

    test('children of many parents come in pages of their own, without foreign rows', async () => {
      await using database = await open([Stake])
      const ids = await store(database, [
        { code: 'a', guildId: '5' },
        { code: 'b', guildId: '5' },
        { code: 'c', guildId: '5' },
        { code: 'd', guildId: '6', tenantId: '2' },
        { code: 'e', guildId: '6' },
      ])
      const query = { parent: 'guildId', parentIds: ['6', '5', '404'], page: { first: 2 } } as const
      const pages = await findChildPages(database.fork(ACME), Stake, query)
      expect(pages.map(({ edges }) => edges.map(({ node }) => node.code))).toEqual([
        ['e'],
        ['a', 'b'],
        [],
      ])
      expect(pages.map(({ hasNextPage }) => hasNextPage)).toEqual([false, true, false])
      const after = pages[1]?.edges[1]?.cursor ?? ''
      const next = await findChildPages(database.fork(ACME), Stake, {
        ...query,
        page: { first: 2, after },
      })
      expect(next[1]?.edges.map(({ node }) => node.id)).toEqual([ids[2]])
    })

    test('the where grammar finds what a filter over the rows finds', async () => {
      await using database = await open([Stake])
      await store(database, [
        { code: 'Parlay%', amount: 1n },
        { code: 'parlay_x', amount: 2n },
        { code: 'single', amount: 3n },
      ])
      const em = database.fork(ACME)
      const find = async (where: object) =>
        (
          await em.find(Stake, toCondition(em, Stake, where as never), { orderBy: { id: 'asc' } })
        ).map(({ code }) => code)
      expect(await find({ code: { contains: 'arlay' } })).toEqual(['Parlay%', 'parlay_x'])
      expect(await find({ code: { contains: '%' } })).toEqual(['Parlay%'])
      expect(await find({ code: { contains: 'parlay' } })).toEqual(['parlay_x'])
      expect(await find({ amount: { gt: 1n, lt: 3n } })).toEqual(['parlay_x'])
      expect(await find({ not: { code: { in: ['single', 'Parlay%'] } } })).toEqual(['parlay_x'])
      expect(
        await find({ or: [{ amount: { eq: 1n } }, { and: [{ code: { eq: 'single' } }] }] }),
      ).toEqual(['Parlay%', 'single'])
    })

    test('texts of a client stay texts, whatever stands in them', async () => {
      await using database = await open([Stake])
      const hostile = ['?', '??', '? ?', "\\?'", "it's", '\\', '"', '`', ') > 0 or 1=1 -- ', 'ü?']
      await store(database, [
        ...hostile.map((code) => ({ code })),
        { code: 'of another', tenantId: '2' },
      ])
      const em = database.fork(ACME)
      const page = { first: 100 }
      for (const code of hostile) {
        const others = hostile.filter((other) => other.includes(code)).sort()
        for (const { where, found } of [
          { where: { code: { eq: code } }, found: [code] },
          { where: { code: { in: [code] } }, found: [code] },
          { where: { code: { contains: code } }, found: others },
          { where: { or: [{ code: { contains: code } }, { code: { eq: code } }] }, found: others },
        ]) {
          const condition = toCondition(em, Stake, where)
          const query = { where: condition, orderBy: [['code', 'asc']] as const, page }
          const { edges } = await findPage(em, Stake, query)
          expect(edges.map(({ node }) => node.code).sort()).toEqual(found)
          const parents = { parent: 'tenantId', parentIds: ['1', '2'], where: condition } as const
          const children = await findChildPages(em, Stake, { ...parents, page })
          expect(children.map((child) => child.edges.length)).toEqual([found.length, 0])
          const groups = { where: condition, groupBy: [], measured: ['amount'] as const }
          expect((await aggregate(em, Stake, groups))[0]?.count).toBe(found.length)
        }
      }
      for (const injected of hostile) {
        const where = { and: [{ code: { contains: '? ?' } }, { code: { eq: injected } }] }
        const query = { where: toCondition(em, Stake, where), orderBy: [], page }
        const { edges } = await findPage(em, Stake, query)
        expect(edges.map(({ node }) => node.code)).toEqual(injected === '? ?' ? ['? ?'] : [])
      }
    })

    test('a cursor that a client made up is refused, whatever stands in it', async () => {
      await using database = await open([Stake])
      await store(database, [{ code: 'a' }, { code: 'b' }])
      const em = database.fork(ACME)
      const read = (orderBy: 'code' | 'at', values: unknown[]) => {
        const after = Buffer.from(JSON.stringify(values)).toString('base64url')
        const page = { first: 5, after }
        return findPage(em, Stake, { where: {}, orderBy: [[orderBy, 'asc']], page })
      }
      for (const value of [{ a: 1 }, { $gt: '' }, ['a'], true, 1, 'a\0b', null]) {
        await expect(read('code', [value, '1'])).rejects.toMatchObject({
          code: 'PAGE_CURSOR_INVALID',
        })
      }
      for (const value of ["zz' or 1", {}, [1], true, '2026-99-99', null]) {
        await expect(read('at', [value, '1'])).rejects.toMatchObject({
          code: 'PAGE_CURSOR_INVALID',
        })
      }
      for (const id of [null, {}, ['1'], '0', "1' or 1"]) {
        await expect(read('code', ['a', id])).rejects.toMatchObject({ code: 'PAGE_CURSOR_INVALID' })
      }
      expect((await read('code', ["? ?' or 1 -- ", '1'])).edges).toHaveLength(2)
    })

    test('a where that is too deep or too wide is refused', async () => {
      await using database = await open([Stake])
      const em = database.acrossTenants()
      const deep = { not: { not: { not: { not: { not: { code: { eq: 'x' } } } } } } }
      const wide = { or: Array.from({ length: 101 }, () => ({ code: { eq: 'x' } })) }
      const long = { code: { in: Array.from({ length: 101 }, String) } }
      for (const where of [deep, wide, long]) {
        expect(() => toCondition(em, Stake, where)).toThrow(/too deep/)
      }
    })

    test('aggregates count and measure within the reach alone', async () => {
      await using database = await open([Stake])
      await store(database, [
        { code: 'a', guildId: '5', amount: 10n },
        { code: 'b', guildId: '5', amount: 30n },
        { code: 'c', guildId: '6', amount: 5n },
        { code: 'd', guildId: '5', amount: 999n, tenantId: '2' },
      ])
      const rows = await aggregate(database.fork(ACME), Stake, {
        where: {},
        groupBy: ['guildId'],
        measured: ['amount'],
      })
      expect(rows).toEqual([
        {
          group: { guildId: '5' },
          count: 2,
          measures: {
            sum: { amount: 40 },
            avg: { amount: 20 },
            min: { amount: 10 },
            max: { amount: 30 },
          },
          exactSums: { amount: 40n },
        },
        {
          group: { guildId: '6' },
          count: 1,
          measures: {
            sum: { amount: 5 },
            avg: { amount: 5 },
            min: { amount: 5 },
            max: { amount: 5 },
          },
          exactSums: { amount: 5n },
        },
      ])
    })

    test('sums of money are exact beyond what a float holds', async () => {
      await using database = await open([Stake])
      await store(database, [
        { code: 'a', guildId: '5', amount: 9_007_199_254_740_993n },
        { code: 'b', guildId: '5', amount: 1_000_000_000_000_000n },
      ])
      const [row] = await aggregate(database.fork(ACME), Stake, {
        where: {},
        groupBy: [],
        measured: ['amount'],
      })
      expect(row?.exactSums).toEqual({ amount: 10_007_199_254_740_993n })
    })
  })
}
