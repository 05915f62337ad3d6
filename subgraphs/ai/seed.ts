import type { SeedReport } from '#kernel/service/subgraph.ts'
import type { Core } from './services/core.ts'

/** The model comes with the product: the demo has nothing to add, and says what there is. */
export async function seedDemo({ atHand }: Core): Promise<SeedReport> {
  const { loaded, trouble } = atHand
  if (!loaded) return { lines: [`Predictions: none, the model's file is refused (${trouble})`] }
  const { name, version, trainedThrough } = loaded.model
  return { lines: [`Predictions: ${name} ${version}, trained through ${trainedThrough}`] }
}
