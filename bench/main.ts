import { betsBenchmark } from './bets.ts'
import { clusterBenchmark } from './cluster.ts'
import { consoleBenchmark } from './console.ts'
import { gatewayBenchmark } from './gateway.ts'
import { liveBenchmark } from './live.ts'
import { operationsBenchmark } from './operations.ts'
import { platformBenchmark } from './platform.ts'
import { runBenchmark, writeResultsPage } from './report.ts'
import { isTry } from './settings.ts'
import { soakBenchmark } from './soak.ts'
import { startBenchmark } from './start.ts'

const ALL = [
  startBenchmark,
  platformBenchmark,
  gatewayBenchmark,
  liveBenchmark,
  soakBenchmark,
  consoleBenchmark,
  betsBenchmark,
  clusterBenchmark,
  operationsBenchmark,
]

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !ALL.some((benchmark) => benchmark.name === name))
if (unknown === undefined) {
  const chosen = ALL.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  for (const benchmark of chosen) await runBenchmark(benchmark)
  if (!isTry) writeResultsPage()
} else {
  const names = ALL.map(({ name }) => name).join(', ')
  process.stderr.write(`There is no benchmark "${unknown}"; there are ${names}.\n`)
  process.exitCode = 1
}
