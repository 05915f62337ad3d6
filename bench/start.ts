import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GUILD_BOARD, signInAsOperator } from './demo.ts'
import { ask, startPlatform } from './embedded.ts'
import { cpuOfAll, processesOf } from './processes.ts'
import type { Benchmark, Findings } from './report.ts'

const PORT = 4251
const RUNS = 5

type Start = { firstAnswerMs: number; cpuMs: number; demoQueryMs: number }

/** Starts on a data folder, asks the demo question once, stops. */
async function startOnce(dataDir: string): Promise<Start> {
  await using platform = await startPlatform(PORT, {}, dataDir)
  const { startedInMs: firstAnswerMs, pid, url } = platform
  const cpuMs = cpuOfAll(processesOf(pid))
  const token = await signInAsOperator(url)
  const began = performance.now()
  await ask(url, { query: GUILD_BOARD, token })
  return { firstAnswerMs, cpuMs, demoQueryMs: Math.round(performance.now() - began) }
}

async function startTwice(): Promise<{ first: Start; second: Start }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'dbsbm-bench-'))
  try {
    return { first: await startOnce(dataDir), second: await startOnce(dataDir) }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

const row = (start: string, runs: readonly Start[]) => {
  const of = (measure: keyof Start) => runs.map((run) => run[measure]).sort((a, b) => a - b)
  const times = of('firstAnswerMs')
  return {
    start,
    runs: runs.length,
    'fastest ms': times[0] ?? null,
    'median ms': times[Math.floor(times.length / 2)] ?? null,
    'slowest ms': times.at(-1) ?? null,
    'median CPU ms': of('cpuMs')[Math.floor(runs.length / 2)] ?? null,
    'first demo query, median ms': of('demoQueryMs')[Math.floor(runs.length / 2)] ?? null,
  }
}

async function measure(): Promise<Findings> {
  const runs: { first: Start; second: Start }[] = []
  for (let run = 0; run < RUNS; run++) runs.push(await startTwice())
  const first = runs.map((run) => run.first)
  const second = runs.map((run) => run.second)
  const slowest = Math.max(...second.map(({ firstAnswerMs }) => firstAnswerMs))
  return {
    tables: [
      {
        title: 'From the start of the process to its first answered query',
        rows: [
          row('first: empty folder, migrates and seeds', first),
          row('second: same folder', second),
        ],
      },
    ],
    notes: [
      `Goal: a second start answers in under 3,000 ms. Slowest of ${RUNS}: ${slowest} ms.`,
      'The first answered query is `{ __typename }`, asked every 20 ms; the demo query comes after a sign-in and is the first that plans and reads.',
    ],
  }
}

/** How long a newcomer waits, and how long everybody else. */
export const startBenchmark: Benchmark = { name: 'start', title: 'Start', measure }
