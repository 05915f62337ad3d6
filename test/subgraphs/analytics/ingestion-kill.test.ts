import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openAnalytics } from './analytics-kit.ts'
import { realFile } from './feeds/feeds-kit.ts'
import { changesInFile, changesStored, countTo, runOf, toldOdds } from './ingestion-kit.ts'

const SEASONS = realFile('matches_0910_2324.csv.gz')
const CHILD = resolve(import.meta.dirname, 'ingest-child.ts')
const KILLS = 4
/** Of the time that a whole season takes: of several that are killed the first is always within it. */
const LONGEST_LIFE = 0.25

/** Runs a child until it ends, or kills it after a moment. @returns whether it reached the end */
async function runChild(database: string, lifeMs: number | null): Promise<boolean> {
  const child = spawn(process.execPath, [CHILD, SEASONS, database], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let told = ''
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString()
  })
  if (lifeMs !== null) {
    await Promise.race([once(child.stdout, 'data'), ended])
    await Promise.race([delay(lifeMs), ended])
    child.kill('SIGKILL')
  }
  await ended
  return told.includes('finished')
}

test('a season replayed by processes killed at random moments is stored once, all of it', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingest-'))
  const path = join(folder, 'analytics.sqlite')
  const began = performance.now()
  expect(await runChild(join(folder, 'undisturbed.sqlite'), null)).toBe(true)
  const longestMs = (performance.now() - began) * LONGEST_LIFE
  let killed = 0
  while (killed < KILLS && !(await runChild(path, Math.random() * longestMs))) killed += 1
  expect(killed).toBeGreaterThan(0)
  expect(await runChild(path, null)).toBe(true)
  await using world = await openAnalytics({ databaseUrl: `sqlite:${path}` })
  const expected = changesInFile(SEASONS, 'E0', '2324')
  expect(expected).toHaveLength(5_666)
  expect(await changesStored(world.database)).toEqual(expected)
  const { sequences, quoteIds } = await toldOdds(world.database)
  expect(sequences).toEqual(countTo(expected.length))
  expect(quoteIds).toEqual(countTo(expected.length))
  expect(await runOf(world.database)).toMatchObject({
    ...{ events: 6_460, position: 6_460, quotes: 5_700, changes: 5_666 },
    // Where all was stored before the last kill, the last child may be stopped while it looks whether there is more.
    status: expect.stringMatching(/^(finished|stopped)$/),
  })
  await rm(folder, { recursive: true })
})
