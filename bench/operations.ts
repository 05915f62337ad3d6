import { type BenchCluster, startBenchCluster } from './bench-cluster.ts'
import { bounded } from './bounded.ts'
import { aiMakers } from './operations/ai.ts'
import { createAsking } from './operations/asking.ts'
import { betMakers } from './operations/bets.ts'
import { complianceMakers } from './operations/compliance.ts'
import { type Documents, type RootField, readDocuments } from './operations/documents.ts'
import { fixtureMakers } from './operations/fixtures.ts'
import { tellGames } from './operations/games.ts'
import { HASHING, identityMakers } from './operations/identity.ts'
import type { Makers } from './operations/maker.ts'
import { moneyMakers } from './operations/money.ts'
import { findingsOf } from './operations/page.ts'
import { learnQuiet } from './operations/quiet.ts'
import { type Run, runAll, runMostUsed, usualRequests } from './operations/run.ts'
import { createHomes, tenancyMakers } from './operations/tenancy.ts'
import { makeWorld, type World } from './operations/world.ts'
import type { Benchmark, Findings } from './report.ts'
import { chosenOperations, secondsOr } from './settings.ts'

const CLIENTS = 50
const SECONDS = secondsOr(5)
/** Usually it takes fifteen. */
const LONGEST_MINUTES = 25

const say = (line: string) => void process.stdout.write(`${line}\n`)

/** All makers, in the order in which their operations have their turns. */
function createMakers(world: World, games: readonly string[]): Makers {
  const homes = createHomes(world)
  return {
    ...identityMakers(world),
    ...tenancyMakers(world, homes),
    ...aiMakers(world),
    ...complianceMakers(world, homes),
    ...moneyMakers(world),
    ...betMakers(world),
    ...fixtureMakers(world, games),
  }
}

/** Every root field has a maker, and every maker a root field. */
function checkComplete(roots: readonly RootField[], makers: Makers): void {
  const missing = roots.filter(({ name }) => !(name in makers)).map(({ name }) => name)
  const names = new Set(roots.map(({ name }) => name))
  const superfluous = Object.keys(makers).filter((name) => !names.has(name))
  if (missing.length === 0 && superfluous.length === 0) return
  throw new Error(
    `without a maker: ${missing.join(', ')}; without a root field: ${superfluous.join(', ')}`,
  )
}

/** First all changes, in the makers' order; then the questions, when the tables are fullest. */
function inOrder(roots: readonly RootField[], makers: Makers): RootField[] {
  const order = Object.keys(makers)
  const sorted = roots.toSorted(
    (left, right) => order.indexOf(left.name) - order.indexOf(right.name),
  )
  const unknown = chosenOperations?.find((name) => !(name in makers))
  if (unknown !== undefined) throw new Error(`there is no operation ${unknown}`)
  const chosen = sorted.filter(({ name }) => chosenOperations?.includes(name) ?? true)
  const { mutation = [], query = [] } = Object.groupBy(chosen, ({ kind }) => kind)
  return [...mutation, ...query]
}

/** @throws when anything failed: its figures would be those of refusals */
function checkNothingFailed(
  turns: readonly { name: string; failures: ReadonlyMap<string, number> }[],
) {
  const failed = turns.flatMap(({ name, failures }) =>
    [...failures].map(([code, count]) => `${name}: ${code}, ${count} times`),
  )
  if (failed.length > 0) throw new Error(`operations failed:\n${failed.join('\n')}`)
}

async function measureOn(cluster: BenchCluster, documents: Documents): Promise<Findings> {
  const [gateway] = cluster.gateways
  await using stack = new AsyncDisposableStack()
  const { ask, askWhole, close } = createAsking(gateway?.url ?? '', documents, CLIENTS)
  stack.defer(close)
  const world = await makeWorld(cluster, { ask, players: CLIENTS })
  const { token } = world.operator
  const games = await tellGames(cluster, { token, count: 2 * usualRequests(SECONDS) })
  const makers = createMakers(world, games)
  checkComplete(documents.roots, makers)
  const run: Run = {
    ...{ world, makers, askWhole, say, clients: CLIENTS, seconds: SECONDS },
    untilQuiet: await learnQuiet(cluster),
  }
  const measured = await runAll(run, inOrder(documents.roots, makers))
  const closed = chosenOperations ? [] : await runMostUsed(run)
  checkNothingFailed([...measured, ...closed])
  return findingsOf({ measured, closed, clients: CLIENTS, seconds: SECONDS, outside: HASHING })
}

async function measure(): Promise<Findings> {
  const documents = readDocuments()
  await using cluster = await startBenchCluster([1])
  say('the cluster runs')
  const found = await bounded(LONGEST_MINUTES, () => measureOn(cluster, documents))
  return found
}

/** Every operation of the platform by itself. */
export const operationsBenchmark: Benchmark = {
  name: 'operations',
  title: 'Every operation at 50 clients on MariaDB',
  measure,
}
