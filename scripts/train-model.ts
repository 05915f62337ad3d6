import { rename, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { runProcess } from '#kernel/serve/run-process.ts'
import {
  MODEL_FILE,
  printModelFile,
  readModelFile,
} from '../subgraphs/ai/services/forecast/model-file.ts'
import { printCard } from './train/card.ts'
import { readMarkets } from './train/odds-file.ts'
import { readResults } from './train/results-file.ts'
import { trainModel } from './train/train-model.ts'

const USAGE =
  'usage: npm run train -- --results FILE.parquet --odds FILE.csv.gz | npm run train -- --card'
const PIN = new URL('../subgraphs/ai/services/forecast/pinned-digest.ts', import.meta.url)

const OPTIONS = {
  results: { type: 'string' },
  odds: { type: 'string' },
  card: { type: 'boolean' },
} as const

/** A reader sees the old file or the new one, never half of one. */
async function replaceFile(url: URL, text: string): Promise<void> {
  const half = new URL(`${url.href}.half`)
  await writeFile(half, text)
  await rename(half, url)
}

const pinOf = (sha256: string) => `// Written by \`npm run train\`; never edited.

/** SHA-256 of the committed model: a file that was altered together with its own digest is found too. */
export const PINNED_DIGEST = '${sha256}'
`

async function train(paths: { results: string; odds: string }): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const { results, hash } = await readResults(paths.results)
  const marketOf = await readMarkets(paths.odds, results)
  say(`${results.length} results; odds for ${results.filter(marketOf).length} of them`)
  const model = trainModel({ results, hash, marketOf }, say)
  const { text, sha256 } = printModelFile(model)
  await replaceFile(MODEL_FILE, text)
  await replaceFile(PIN, pinOf(sha256))
  process.stdout.write(printCard(model))
}

async function run(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS })
  if (values.card) {
    process.stdout.write(printCard(await readModelFile()))
    return
  }
  const { results, odds } = values
  if (results === undefined || odds === undefined) throw new Error(USAGE)
  await train({ results, odds })
}

if (import.meta.main) await runProcess(run)
