import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { emptyMariadb } from '../kit/database.ts'
import { type Chapter, seasonBetsPage } from './season-bets-page.ts'
import { look, openSeason, type Plan, playSeason, type Season } from './season-bets-play.ts'

const PAGE = new URL('../../docs/proofs/season-bets.md', import.meta.url)
const COMMAND = 'npm run prove -- season-bets'
const LONGEST_MS = 4 * 3_600_000
const SEED = 20_232_024
const CHAPTERS = 2
const chapters: Chapter[] = []

const say = (line: string) => void process.stdout.write(`${line}\n`)

const PLAN = { seed: SEED, checkpoints: 12, atOnce: 8, say } as const

const statement = ({ table }: Season, sql: string) =>
  table.platform.database.acrossTenants().getConnection().execute(sql)

const ONE_ENTRY = `insert into ledger_entries
  (tenant_id, guild_id, user_id, account_id, transfer_id, amount, currency, balance_after, at)
  select tenant_id, guild_id, user_id, account_id, transfer_id, 1, currency, balance_after, at
  from ledger_entries order by id limit 1`

/** Plants errors of one minor unit; what was taken back leaves no trace, but entries stay for ever. */
async function plantErrors(season: Season): Promise<Chapter['controls']> {
  const wallet = season.table.book.wallets.find(({ player }) => player > 0n)
  if (!wallet) throw new Error('nobody has any money')
  wallet.player += 1n
  const calculation = (await look(season)).differences
  wallet.player -= 1n
  const add = (amount: number) =>
    `update accounts set balance = balance + ${amount} where id = ${wallet.accountId}`
  await statement(season, add(1))
  const balance = (await look(season)).differences
  await statement(season, add(-1))
  expect((await look(season)).differences).toEqual([])
  await statement(season, ONE_ENTRY)
  const entry = (await look(season)).differences
  return { calculation, balance, entry }
}

async function prove(engine: string, plan: Plan): Promise<void> {
  say(`${engine}: seed ${plan.seed}, ${plan.operations} operations`)
  const began = performance.now()
  await using season = await openSeason(plan)
  const told = await playSeason(season)
  expect(told.differences).toEqual([])
  expect(told.operations).toBeGreaterThanOrEqual(plan.operations)
  const seconds = (performance.now() - began) / 1_000
  const controls = await plantErrors(season)
  expect(controls.calculation).toHaveLength(2)
  expect(controls.balance.length).toBeGreaterThanOrEqual(2)
  expect(controls.entry.length).toBeGreaterThanOrEqual(3)
  chapters.push({ engine, season, told, seconds, controls })
}

afterAll(async () => {
  // A proof that failed proves nothing: the page of the last one that held stays.
  if (chapters.length < CHAPTERS) return
  await writeFile(PAGE, seasonBetsPage(chapters, COMMAND))
})

test(
  'SQLite: the books of a season equal a second calculation to the minor unit',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'season-bets-'))
    const databaseUrl = `sqlite:${join(folder, 'analytics.sqlite')}`
    try {
      await prove('SQLite, a file', { ...PLAN, databaseUrl, operations: 100_000 })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  LONGEST_MS,
)

test(
  'MariaDB: the books of a season equal a second calculation to the minor unit',
  async () => {
    await using empty = await emptyMariadb()
    await prove('MariaDB', { ...PLAN, databaseUrl: empty.url, operations: 20_000 })
  },
  LONGEST_MS,
)
