import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { readModelFile } from '#subgraphs/ai/services/forecast/model-file.ts'
import { readMarkets } from '../../../../scripts/train/odds-file.ts'
import { readResults } from '../../../../scripts/train/results-file.ts'

/** The model that every clone has. */
export const model = await readModelFile()

/** The day after the last result that the model was trained on. */
export const dayAfter = new Date(Date.parse(model.trainedThrough) + 86_400_000)

/** A real file of football data. */
export function realFile(name: string): string {
  const path = resolve(import.meta.dirname, '../../../../../shared/data/football', name)
  if (!existsSync(path)) throw new Error(`This test needs the real data at ${path}.`)
  return path
}

/** The data that the committed model was trained and judged on; it lies beside the repository. */
export async function realData() {
  const { results, hash } = await readResults(realFile('results_1993_2024.parquet'))
  const marketOf = await readMarkets(realFile('matches_0910_2324.csv.gz'), results)
  return { results, hash, marketOf }
}

/** Probabilities of three results, none below a thousandth. */
export const probabilities = fc
  .tuple(...[0, 1, 2].map(() => fc.double({ min: 0.001, max: 1, noNaN: true })))
  .map((parts) => {
    const total = parts.reduce((sum, part) => sum + part, 0)
    const [home = 0, draw = 0, away = 0] = parts.map((part) => part / total)
    return { home, draw, away }
  })

/** Expected goals of two teams. */
export const goals = fc.record({
  home: fc.double({ min: 0.1, max: 5, noNaN: true }),
  away: fc.double({ min: 0.1, max: 5, noNaN: true }),
})

/** The code of a refusal, or null. */
export function codeOf(work: () => unknown): unknown {
  try {
    work()
    return null
  } catch (failure) {
    return (failure as { code?: unknown }).code
  }
}

/** A file with this text that goes away with the test. */
export async function temporaryFile(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'model-'))
  const path = join(folder, 'model.json')
  await writeFile(path, text)
  return { url: pathToFileURL(path), [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}
