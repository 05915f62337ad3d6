import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Clock } from '#kernel/clock.ts'
import type { OddsFeedConfig } from '#kernel/config.ts'
import type { FeedSource } from './feeds/feed.ts'
import { createHttpFeedSource } from './feeds/http.ts'
import { paced, replay } from './feeds/replay.ts'
import { createSeasonFileSource } from './feeds/season-file.ts'
import { createSimulator, OTHER_SIMULATED_CLUBS, SIMULATED_CLUBS } from './feeds/simulator.ts'
import type { Sleep } from './feeds/sleep.ts'
import { createSnapshotFileSource } from './feeds/snapshot-file.ts'

/** A feed as the configuration asks for it. */
export type ConfiguredFeed = {
  source: FeedSource
  /** As the source's own, with what else decides which event has which position and time. */
  identify: () => Promise<string>
  /** The source as it is to be told; a replay begins at the anchor of its run. */
  play: (anchor: Date) => FeedSource
}

export type FeedSourceDeps = { clock: Clock; sleep: Sleep }

/** The simulator's time begins here: the same seed tells the same story on every machine. */
const SIMULATION_STARTS_AT = new Date('2026-01-01T00:00:00Z')
/** Hours without any event pass in one when a file is replayed. */
const LONGEST_REPLAY_GAP_MS = 3_600_000
const HTTP_MARKETS = ['h2h', 'totals', 'spreads']
const LONGEST_IDENTITY = 191
const LONGEST_COMPETITION = 64

type ConfigOf<Kind extends OddsFeedConfig['kind']> = Extract<OddsFeedConfig, { kind: Kind }>

function boundedIdentity(identity: string): string {
  if (identity.length <= LONGEST_IDENTITY) return identity
  return createHash('sha256').update(identity).digest('hex')
}

/** Rounds of the one are half over when those of the other begin: something is open to bets at any time. */
const SIMULATIONS = [
  { suffix: '', phase: 0, clubs: SIMULATED_CLUBS },
  { suffix: ':other', phase: 0.5, clubs: OTHER_SIMULATED_CLUBS },
] as const

type Simulation = (typeof SIMULATIONS)[number]

function simulated(
  { suffix, phase, clubs }: Simulation,
  { seed, intervalSeconds }: ConfigOf<'simulator'>,
  deps: FeedSourceDeps,
): ConfiguredFeed {
  const source = createSimulator({
    seed: createHash('sha256')
      .update(seed + suffix)
      .digest()
      .readUInt32BE(),
    startsAt: SIMULATION_STARTS_AT,
    tickMs: intervalSeconds * 1_000,
    skipPast: deps.clock,
    ...{ phase, clubs },
  })
  const play = () => paced(source, deps)
  return { source, play, identify: source.identify }
}

function replayed(source: FeedSource, speed: number, deps: FeedSourceDeps): ConfiguredFeed {
  return {
    source,
    identify: async () => `${await source.identify()}:${speed}`,
    play: (anchor) => replay(source, { ...deps, anchor, speed, maxGapMs: LONGEST_REPLAY_GAP_MS }),
  }
}

function polled(config: ConfigOf<'http'>, sport: string, deps: FeedSourceDeps): ConfiguredFeed {
  const { url: baseUrl, key: apiKey, regions, intervalSeconds } = config
  const limits = { intervalMs: intervalSeconds * 1_000 }
  const settings = { baseUrl, apiKey, sport, regions, markets: HTTP_MARKETS, limits }
  const source = createHttpFeedSource(settings, deps)
  return {
    source,
    identify: async () => boundedIdentity(await source.identify()),
    play: () => source,
  }
}

/** The file names no competition; its own name is the only honest one. */
const competitionOf = (file: string) =>
  basename(file)
    .replace(/\.csv(\.gz)?$/, '')
    .slice(0, LONGEST_COMPETITION)

type Opener<Kind extends OddsFeedConfig['kind']> = (
  config: ConfigOf<Kind>,
  deps: FeedSourceDeps,
) => readonly ConfiguredFeed[]

const OPENERS: { [Kind in OddsFeedConfig['kind']]: Opener<Kind> } = {
  none: () => [],
  simulator: (config, deps) => SIMULATIONS.map((one) => simulated(one, config, deps)),
  season: ({ file, league, season, speed }, deps) => [
    replayed(
      createSeasonFileSource({ path: file, leagues: [league], seasons: [season] }),
      speed,
      deps,
    ),
  ],
  snapshots: ({ file, speed }, deps) => [
    replayed(
      createSnapshotFileSource({ path: file, competition: competitionOf(file) }),
      speed,
      deps,
    ),
  ],
  http: (config, deps) => config.sports.map((sport) => polled(config, sport, deps)),
}

/** The feeds that the configuration asks for. @throws FEED_SETTING_INVALID */
export function openFeeds(config: OddsFeedConfig, deps: FeedSourceDeps): readonly ConfiguredFeed[] {
  const open = OPENERS[config.kind] as Opener<OddsFeedConfig['kind']>
  return open(config, deps)
}
