import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withinTimeLimit } from '../../kernel/time-limit.ts'
import { createProgram } from '../../test/kit/child-process.ts'
import type { BenchCluster } from '../bench-cluster.ts'
import { ask } from '../embedded.ts'

const NAME = 'bench-games'
const PORT = 4290
const TOLD_MS = 240_000
const HEADER =
  'pulled_at,game_id,commence_time,home_team,away_team,bookmaker,market,name,price,point'
/** All of a file is told at once. */
const SPEED = '1000000'

/** Games that have begun when the file is told: their results may be given. */
function fileOf(count: number): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const teams = `Benchford ${index},Measureham ${index}`
    return `2026-01-01T12:00:01Z,game-${index},2026-01-01T12:00:00Z,${teams},a-bookmaker,h2h,Benchford ${index},2.1,`
  })
  return [HEADER, ...rows].join('\n')
}

const GAMES = `query Games($after: String) {
  fixtures(first: 100, after: $after, where: { competition: { eq: "${NAME}" } }) {
    edges { node { id } } pageInfo { hasNextPage endCursor }
  }
}`

type Page = {
  fixtures: {
    edges: { node: { id: string } }[]
    pageInfo: { hasNextPage: boolean; endCursor: string | null }
  }
}

async function readGames(url: string, token: string): Promise<string[]> {
  const ids: string[] = []
  for (let after: string | null = null; ; ) {
    const { fixtures }: Page = await ask<Page>(url, { query: GAMES, variables: { after }, token })
    ids.push(...fixtures.edges.map(({ node }) => node.id))
    if (!fixtures.pageInfo.hasNextPage) return ids
    after = fixtures.pageInfo.endCursor
  }
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/** Has a cluster told of games that a file names: one more process of analytics replays it. @returns their ids */
export async function tellGames(
  { processes, gateways: [gateway] }: BenchCluster,
  { token, count }: { token: string; count: number },
): Promise<string[]> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, `${NAME}.csv`)
  await writeFile(file, fileOf(count))
  const feed = { ODDS_FEED: 'snapshots', ODDS_FEED_FILE: file, ODDS_FEED_SPEED: SPEED }
  const program = createProgram({
    ...{ name: 'games', command: ['subgraphs/main.ts', 'serve', 'analytics'], port: PORT },
    env: { ...processes.env, ...feed },
  })
  stack.defer(() => program.kill())
  stack.defer(async () => void (await Promise.race([program.stop(), pause(20_000)])))
  const said = () =>
    new Error(`no ${count} games were told: ${program.logged().slice(-3).join(' ')}`)
  const told = await withinTimeLimit({ timeoutMs: TOLD_MS, onTimeout: said }, async (signal) => {
    await program.start()
    let ids: string[] = []
    while (!signal.aborted && ids.length < count) {
      await pause(500)
      ids = await readGames(gateway?.url ?? '', token)
    }
    return ids
  })
  // Not before: the folder goes with the end of this function.
  return told
}
