import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { zstdDecompressSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { z } from 'zod'
import type { PlayedMatch } from '../../subgraphs/ai/services/forecast/match-state.ts'

/** A result of the file, in order of time. */
export type Result = PlayedMatch & {
  /** E0, SP1, I1, D1 or F1. */
  readonly competition: string
  /** As football-data.co.uk writes it: 2223 is 2022-23. */
  readonly season: string
}

/** Leagues of the results' source by the codes of football-data.co.uk, which feeds use too. */
const LEAGUE_CODES: Readonly<Record<string, string>> = {
  'premier-league': 'E0',
  'la-liga': 'SP1',
  'serie-a': 'I1',
  bundesliga: 'D1',
  'ligue-1': 'F1',
}

const row = z.object({
  league: z.string().transform((name) => LEAGUE_CODES[name] ?? name),
  season: z.string().regex(/^\d{4}$/),
  date: z.date(),
  home: z.string().min(1),
  away: z.string().min(1),
  hg: z.int().nonnegative(),
  ag: z.int().nonnegative(),
})

/** The results of a parquet file and the SHA-256 of its bytes. */
export async function readResults(path: string): Promise<{ results: Result[]; hash: string }> {
  const bytes = await readFile(path)
  const rows = await parquetReadObjects({
    file: new Uint8Array(bytes).buffer,
    columns: Object.keys(row.shape),
    compressors: { ZSTD: (packed) => new Uint8Array(zstdDecompressSync(packed)) },
  })
  const results = rows.map((one) => resultOf(row.parse(one))).sort(byDayAndName)
  return { results, hash: createHash('sha256').update(bytes).digest('hex') }
}

function resultOf({ league, season, date, home, away, hg, ag }: z.infer<typeof row>): Result {
  return { competition: league, season, home, away, homeGoals: hg, awayGoals: ag, playedAt: date }
}

/** One order, whatever the file's: days, then names. */
function byDayAndName(left: Result, right: Result): number {
  const days = left.playedAt.getTime() - right.playedAt.getTime()
  if (days !== 0) return days
  return keyOf(left) < keyOf(right) ? -1 : 1
}

const keyOf = ({ competition, home, away }: Result) => `${competition}/${home}/${away}`
