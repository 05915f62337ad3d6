import { expect, test } from 'vitest'
import { settle } from '../prove/season-account.ts'
import { type Damage, killAtRandom } from '../prove/season-disturbances.ts'
import { readSeasonFile } from '../prove/season-file.ts'
import { replaySeason } from '../prove/season-replay.ts'
import type { Subscriber } from '../prove/season-subscribers.ts'

const MATCHES = 60
/** Plays these matches in fourteen seconds. */
const SPEED = 15_000
/** Twice a process starts, which takes its time on a busy machine. */
const LONGEST_MS = 180_000

test(
  'prices of real matches reach three subscribers once and in order, through a torn socket and a killed process',
  async () => {
    let damage: Damage | null = null
    const outcome = await replaySeason({
      season: await readSeasonFile(MATCHES),
      speed: SPEED,
      seed: 2024,
      cuts: 3,
      disturb: async (replay) => {
        damage = await killAtRandom(replay, 1)
      },
    })
    expect(damage).toEqual({ kills: 1, killsWhileStarting: 0 })
    expect(outcome.computed).toBeGreaterThan(800)
    expect(outcome).toMatchObject({
      stored: outcome.computed,
      isExact: true,
      published: outcome.computed,
      isDense: true,
      isOneOrder: true,
      subscribers: ['graphql-ws', 'graphql-ws, cut off', 'server-sent events'].map((name) => ({
        name,
        received: outcome.computed,
        gaps: 0,
        doubles: 0,
        isInOrder: true,
      })),
    })
  },
  LONGEST_MS,
)

const kept = {
  quotes: ['a', 'b', 'c'],
  told: ['1', '2', '3'],
  toldAt: new Map(),
  isDense: true,
}

function sawOnly(...ids: string[]): Subscriber {
  const seen = ids.map((id) => ({ id, cursor: `cursor ${id}`, seenAt: 0, connectedAt: 0 }))
  const line = { refusals: [], troubles: new Set<string>(), connections: () => 1 }
  return { name: ids.join(), seen, ...line, cut: () => {}, stop: async () => {} }
}

test('the account counts gaps and doubles and sees a wrong order and a wrong price', () => {
  const all = sawOnly('1', '2', '3')
  const accounts = (subscriber: Subscriber) =>
    settle(['a', 'b', 'c'], { kept, subscribers: [all, subscriber] })
  expect(accounts(all)).toMatchObject({ isExact: true, isOneOrder: true })
  expect(accounts(sawOnly('1', '3', '3'))).toMatchObject({
    isOneOrder: false,
    subscribers: [
      { gaps: 0, doubles: 0, isInOrder: true },
      { gaps: 1, doubles: 1 },
    ],
  })
  expect(accounts(sawOnly('1', '3', '2'))).toMatchObject({
    isOneOrder: false,
    subscribers: [{ isInOrder: true }, { gaps: 0, doubles: 0, isInOrder: false }],
  })
  const others = settle(['a', 'b', 'd'], { kept, subscribers: [all] })
  expect(others).toMatchObject({ computed: 3, stored: 3, isExact: false })
})
