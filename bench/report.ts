import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { isTry } from './settings.ts'

/** Figures side by side; the keys of the first row name the columns. */
export type Table = {
  title: string
  rows: readonly Readonly<Record<string, string | number | null>>[]
}

/** What one benchmark found, and what a reader must know to believe it. */
export type Findings = { tables: readonly Table[]; notes: readonly string[] }

/** One benchmark: `measure` runs it and says what it found. */
export type Benchmark = { name: string; title: string; measure: () => Promise<Findings> }

type StoredResult = Findings & {
  name: string
  title: string
  command: string
  at: string
  commit: string
  machine: string
  node: string
  /** Load averages over one and five minutes; the run itself is part of the second. */
  loadBefore: readonly string[]
  loadAfter: readonly string[]
}

const RESULTS = new URL('results/', import.meta.url)

const load = () =>
  loadavg()
    .slice(0, 2)
    .map((average) => average.toFixed(2))

function commit(): string {
  const run = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' }).stdout.trim()
  const isChanged = run('status', '--porcelain', '--', 'gateway', 'kernel', 'subgraphs') !== ''
  return `${run('rev-parse', '--short', 'HEAD')}${isChanged ? ' with uncommitted changes' : ''}`
}

function machine(): string {
  const all = cpus()
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0)
  return `${all.length} cores (${all[0]?.model.trim() ?? 'unknown'}), ${gigabytes} GB, shared`
}

/** Runs a benchmark and stores what it found, but of a try. */
export async function runBenchmark({ name, title, measure }: Benchmark): Promise<void> {
  const before = { at: new Date().toISOString(), loadBefore: load(), commit: commit() }
  process.stdout.write(`${title} (load ${before.loadBefore.join(', ')})\n`)
  const found = await measure()
  const result: StoredResult = {
    name,
    title,
    command: `npm run bench -- ${name}`,
    ...before,
    machine: machine(),
    node: process.version,
    loadAfter: load(),
    ...found,
  }
  if (!isTry) {
    writeFileSync(new URL(`${name}.json`, RESULTS), `${JSON.stringify(result, null, 2)}\n`)
  }
  process.stdout.write(`${sectionOf(result)}\n`)
}

function tableText({ title, rows }: Table): string {
  const columns = Object.keys(rows[0] ?? {})
  const line = (cells: readonly unknown[]) => `| ${cells.map((cell) => cell ?? '–').join(' | ')} |`
  return [
    `**${title}**`,
    '',
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => row[column]))),
    '',
  ].join('\n')
}

function sectionOf(result: StoredResult): string {
  return [
    `## ${result.title}`,
    '',
    `\`${result.command}\` on ${result.at.slice(0, 16).replace('T', ' ')} UTC, commit ${result.commit},`,
    `Node ${result.node}, ${result.machine};`,
    `load (1 and 5 minutes) ${result.loadBefore.join(', ')} before and ${result.loadAfter.join(', ')} after.`,
    '',
    ...result.tables.map(tableText),
    ...result.notes.map((note) => `- ${note}`),
    '',
  ].join('\n')
}

const PREFACE = `# Results

Written by \`npm run bench\`; one section per benchmark, the raw figures beside this page. The machine
is shared with other work: CPU time per request (from \`/proc\`) and ratios within one run are the
figures to compare; times and requests per second move with the load that each section states.
`

/** Writes the readable page of all stored results. */
export function writeResultsPage(): void {
  const stored = readdirSync(RESULTS)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, RESULTS), 'utf8')) as StoredResult)
  writeFileSync(new URL('README.md', RESULTS), `${[PREFACE, ...stored.map(sectionOf)].join('\n')}`)
}
