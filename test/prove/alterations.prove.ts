import { writeFile } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { emptyMariadb } from '../kit/database.ts'
import {
  ALTERATIONS,
  alterAndVerify,
  type Copy,
  type Outcome,
  openCopy,
} from '../subgraphs/compliance/audit/alterations.ts'
import { fillLog } from '../subgraphs/compliance/audit/alterations-suite.ts'
import { openAudit, verify } from '../subgraphs/compliance/audit/audit-kit.ts'
import { type Altered, alterationsPage, type Chapter } from './alterations-page.ts'
import { comparePlan, type Engine, ownerless, type PlanRow } from './alterations-plan.ts'
import { createChance } from './season-chance.ts'

const PAGE = new URL('../../docs/proofs/alterations.md', import.meta.url)
const COMMAND = 'npm run prove -- alterations'
const LONGEST_MS = 1_800_000
const ALTERED = 200
/** Entries of the chain that is altered; two others stand beside it. */
const ENTRIES = 480
const AT_ONCE = 60
const SEED = 6

const chapters: Chapter[] = []
const plan: PlanRow[] = []

function toAltered(kind: string, { expected, found, isLocated }: Outcome): Altered {
  return {
    kind,
    place: String(expected.seqs[Math.floor(expected.seqs.length / 2)]),
    found: found ? found.kind : 'nothing',
    isFound: found !== null,
    isLocated,
  }
}

/** Every kind in turn at the first entry, at the last, and then anywhere, until there are enough. */
async function alterAll(copy: Copy): Promise<Altered[]> {
  const kinds = Object.keys(ALTERATIONS)
  const chance = createChance(SEED)
  const altered: Altered[] = []
  for (let turn = 0; altered.length < ALTERED; turn += 1) {
    const place = [0, 0.9999][turn] ?? null
    for (const kind of kinds.slice(0, ALTERED - altered.length)) {
      const anywhere = chance.between(0, 10_000) / 10_001
      altered.push(toAltered(kind, await alterAndVerify(copy, kind, place ?? anywhere)))
    }
  }
  return altered
}

async function alterOn(engine: Engine, databaseUrl: string): Promise<Chapter> {
  await using world = await openAudit({ databaseUrl })
  for (let entries = 0; entries < ENTRIES; entries += AT_ONCE) await fillLog(world, AT_ONCE)
  const copy = await openCopy(world.database)
  const before = await verify(world)
  expect(before).toMatchObject({ isWhole: true, checked: ENTRIES })
  const altered = await alterAll(copy)
  const after = await verify(world)
  expect(after).toMatchObject({ isWhole: true, checked: ENTRIES })
  const findingsWithout = before.findings.length + after.findings.length
  return { engine, entries: ENTRIES, altered, findingsWithout }
}

afterAll(async () => {
  // A proof that failed proves nothing: the page of the last one that held stays.
  if (chapters.length < 2 || plan.length === 0) return
  await writeFile(PAGE, alterationsPage({ chapters, plan, strays: ownerless() }, COMMAND))
})

function expectFound(chapter: Chapter): void {
  expect(chapter.altered).toHaveLength(ALTERED)
  expect(chapter.altered.filter(({ isFound, isLocated }) => !isFound || !isLocated)).toEqual([])
  expect(chapter.findingsWithout).toBe(0)
  chapters.push(chapter)
}

test(
  'SQLite: 200 alterations of an audit table are found and located',
  async () => {
    expectFound(await alterOn('SQLite', 'sqlite::memory:'))
  },
  LONGEST_MS,
)

test(
  'MariaDB: 200 alterations of an audit table are found and located',
  async () => {
    await using empty = await emptyMariadb()
    expectFound(await alterOn('MariaDB', empty.url))
  },
  LONGEST_MS,
)

test(
  'nothing of the plan’s tables is missing on either engine',
  async () => {
    expect(ownerless()).toEqual([])
    plan.push(...(await comparePlan('SQLite')), ...(await comparePlan('MariaDB')))
    expect(plan.flatMap(({ missing }) => missing)).toEqual([])
  },
  LONGEST_MS,
)
