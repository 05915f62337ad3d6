import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { SubgraphName } from '../auth/service-names.ts'

const FOLDER = new URL('../../schema/', import.meta.url)
const LENGTH = 16

/**
 * Names the schema of a subgraph as this code has it: gateway and subgraph compare what they say.
 * `npm run check` shows that the committed file is what the code composes.
 */
export async function schemaVersion(name: SubgraphName): Promise<string> {
  const sdl = await readFile(new URL(`${name}.graphql`, FOLDER))
  return createHash('sha256').update(sdl).digest('hex').slice(0, LENGTH)
}
