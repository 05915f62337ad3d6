import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { overEventStream, overSocket } from './live-lines.ts'
import { type SeasonAccount, settle } from './season-account.ts'
import { type Chance, createChance } from './season-chance.ts'
import { expectedChanges, type Season } from './season-file.ts'
import { createProcess, type ProcessUnderTest } from './season-platform.ts'
import { readKept, readProgress } from './season-store.ts'
import { type Subscriber, startSubscriber } from './season-subscribers.ts'

/** The world while a season is replayed in it. */
export type Replay = {
  platform: ProcessUnderTest
  /** Resolves when the first process answers, or was killed before. */
  started: Promise<void>
  subscribers: readonly Subscriber[]
  chance: Chance
  /** Price changes that the file holds. */
  total: number
  /** Whether the whole season is stored; read from its file, which must be no process's that starts. */
  isOver: () => boolean
  /** Asks as the demo person with this name. */
  ask: <Data>(person: Person, query: string, variables?: object) => Promise<Data>
}

export type Plan = {
  season: Season
  /** Original time per replay time; idle hours are cut to one by the platform. */
  speed: number
  seed: number
  /** How often the second subscriber's socket is torn, each time at a random price. */
  cuts: number
  /** What happens to the platform meanwhile. */
  disturb: (replay: Replay) => Promise<void>
}

export type Outcome = SeasonAccount & { seconds: number; cuts: number }

export type Person = 'analyst' | 'operator'

const PEOPLE = {
  analyst: { email: 'analyst@acme.example', password: 'demo-analyst', tenantId: '1' },
  operator: { email: 'operator@dbsbm.example', password: 'demo-operator' },
} as const satisfies Record<Person, object>

const SIGN_IN = 'mutation SignIn($input: SignInInput!) { signIn(input: $input) { accessToken } }'
/** Access tokens live five minutes. */
const TOKEN_KEPT_MS = 240_000
const LONGEST_MS = 240_000
const LOOK_MS = 5
/** How long a price that comes twice may be late. */
const AFTERMATH_MS = 500

export const pause = (milliseconds: number) =>
  new Promise<void>((done) => setTimeout(done, milliseconds))

/** Looks until it is so. @throws when it is not within four minutes */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const began = performance.now()
  while (!isSo()) {
    if (performance.now() - began > LONGEST_MS) throw new Error(`it never came about: ${what}`)
    await pause(LOOK_MS)
  }
}

async function post<Data>(url: string, body: object, token?: string): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown }
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

function createTokens(url: string) {
  const known = new Map<Person, { token: string; at: number }>()
  return async (person: Person): Promise<string> => {
    const kept = known.get(person)
    if (kept && performance.now() - kept.at < TOKEN_KEPT_MS) return kept.token
    const variables = { input: PEOPLE[person] }
    const { signIn } = await post<{ signIn: { accessToken: string } }>(url, {
      query: SIGN_IN,
      variables,
    })
    known.set(person, { token: signIn.accessToken, at: performance.now() })
    return signIn.accessToken
  }
}

type Following = { url: string; token: () => Promise<string>; places: number[] }

/** Two by graphql-ws, one by event stream; the second's socket is torn at the given prices. */
function startSubscribers({ url, token, places }: Following): Subscriber[] {
  const second: Subscriber = startSubscriber(overSocket, {
    name: 'graphql-ws, cut off',
    url,
    token,
    onPrice: (count) => {
      if (places.includes(count)) second.cut()
    },
  })
  return [
    startSubscriber(overSocket, { name: 'graphql-ws', url, token }),
    second,
    startSubscriber(overEventStream, { name: 'server-sent events', url, token }),
  ]
}

/** Writes a season where a platform reads it. @returns the path */
export async function writeSeason(folder: string, { header, rows }: Season): Promise<string> {
  const path = join(folder, 'season.csv')
  await writeFile(path, [header, ...rows, ''].join('\n'))
  return path
}

async function settings(folder: string, { season, speed }: Plan): Promise<Record<string, string>> {
  return {
    DATA_DIR: folder,
    ODDS_FEED: 'season',
    ODDS_FEED_FILE: await writeSeason(folder, season),
    ODDS_FEED_LEAGUE: 'E0',
    ODDS_FEED_SEASON: '2023-24',
    ODDS_FEED_SPEED: String(speed),
  }
}

/** Starts, disturbs, waits for the end of the season and for the subscribers, and stops. */
async function play(replay: Replay, { folder, plan }: { folder: string; plan: Plan }) {
  const { platform, subscribers } = replay
  try {
    await Promise.all([replay.started, plan.disturb(replay)])
    await until('the season is over', replay.isOver)
    const { changes } = readProgress(folder)
    await until('all have seen it', () => subscribers.every(({ seen }) => seen.length >= changes))
    await pause(AFTERMATH_MS)
  } finally {
    await Promise.all(subscribers.map((subscriber) => subscriber.stop()))
    await platform.stop()
  }
}

/** Replays a season to three subscribers through a platform of its own. */
export async function replaySeason(plan: Plan): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'season-'))
  try {
    const expected = expectedChanges(plan.season)
    const chance = createChance(plan.seed)
    const platform = await createProcess(await settings(folder, plan))
    const { url } = platform
    const tokenOf = createTokens(url)
    const places = chance.places(plan.cuts, expected.length)
    const subscribers = startSubscribers({ url, token: () => tokenOf('analyst'), places })
    const ask: Replay['ask'] = async (person, query, variables = {}) =>
      post(url, { query, variables }, await tokenOf(person))
    const isOver = () => readProgress(folder).isFinished
    const began = performance.now()
    const started = platform.start()
    const replay = { platform, started, subscribers, chance, total: expected.length, isOver, ask }
    await play(replay, { folder, plan })
    const seconds = Math.round((performance.now() - began) / 1_000)
    const account = settle(expected, { kept: readKept(folder), subscribers })
    return { ...account, seconds, cuts: new Set(places).size }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
