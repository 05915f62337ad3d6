import { mkdir, writeFile } from 'node:fs/promises'
import { afterAll, expect, test } from 'vitest'
import { type Damage, holdBack, killAtRandom } from './season-disturbances.ts'
import { readSeasonFile } from './season-file.ts'
import { type Chapter, seasonPage } from './season-page.ts'
import { type Outcome, replaySeason } from './season-replay.ts'

const PAGE = new URL('../../docs/proofs/season.md', import.meta.url)
const COMMAND = 'npm run prove -- season.prove'
const LONGEST_MS = 240_000
/** What a subscriber may be told while a platform starts or stops: it comes back. */
const PASSING: ReadonlySet<string> = new Set(['SUBSCRIPTION_INTERRUPTED'])
const NO_DAMAGE: Damage = { kills: 0, killsWhileStarting: 0 }

const season = await readSeasonFile()
const CHAPTERS = 3
const chapters: Chapter[] = []

function expectExact(outcome: Outcome): void {
  const { computed } = outcome
  expect(computed).toBeGreaterThan(5_000)
  expect(outcome).toMatchObject({
    stored: computed,
    isExact: true,
    published: computed,
    isDense: true,
    isOneOrder: true,
    subscribers: outcome.subscribers.map(() => ({
      received: computed,
      gaps: 0,
      doubles: 0,
      isInOrder: true,
    })),
  })
  const codes = outcome.subscribers.flatMap(({ refusals }) => refusals)
  expect(codes.filter((code) => !PASSING.has(code))).toEqual([])
}

afterAll(async () => {
  // A proof that failed proves nothing: the page of the last one that held stays.
  if (chapters.length < CHAPTERS) return
  await mkdir(new URL('.', PAGE), { recursive: true })
  await writeFile(PAGE, seasonPage(chapters, COMMAND))
})

test(
  'a season reaches three subscribers once and in order while its platform is killed and a socket torn',
  async () => {
    let damage = NO_DAMAGE
    const outcome = await replaySeason({
      season,
      speed: 11_000,
      seed: 20_23,
      cuts: 12,
      disturb: async (replay) => {
        damage = await killAtRandom(replay, 5)
      },
    })
    const says = 'Prices come as their time does; the platform is killed at random prices.'
    expectExact(outcome)
    expect(damage.kills).toBe(5)
    chapters.push({ title: 'At its own pace', says, outcome, damage })
  },
  LONGEST_MS,
)

test(
  'a season in haste is stored and told once by a platform that is killed again and again',
  async () => {
    let damage = NO_DAMAGE
    const outcome = await replaySeason({
      season,
      speed: 80_000,
      seed: 24,
      cuts: 4,
      disturb: async (replay) => {
        damage = await killAtRandom(replay, 4)
      },
    })
    const says =
      'The season lasts a quarter of a minute, so that each new process finds much overdue. Of four kills those are counted that came before all was stored.'
    expectExact(outcome)
    chapters.push({ title: 'In haste', says, outcome, damage })
  },
  LONGEST_MS,
)

test(
  'live subscribers keep up with a feed that was held back and tells all at once',
  async () => {
    const outcome = await replaySeason({
      season,
      speed: 120_000,
      seed: 7,
      cuts: 0,
      disturb: (replay) => holdBack(replay, 12_000),
    })
    const says =
      'The operator pauses the feed (`pauseFeed`) until all of it is overdue and lets it go (`resumeFeed`), with all three connected.'
    expectExact(outcome)
    chapters.push({ title: 'Held back, then let go', says, outcome, damage: NO_DAMAGE })
  },
  LONGEST_MS,
)
