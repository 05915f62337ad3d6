import { apiSchemaOf } from '#gateway/engine/api-schema.ts'
import { type Operation, type OperationFile, operationsOf } from './operations.ts'

/** The manifest of all operations of some files, by id in order. @throws OperationRefused */
export function manifestOf(sdl: string, files: readonly OperationFile[]): string {
  return renderManifest(operationsOf(apiSchemaOf(sdl), files))
}

/** The manifest of persisted documents: the source of each by its id, ids in order. */
export function renderManifest(operations: readonly Operation[]): string {
  const entries = operations.map(({ id, source }) => [id, source] as const)
  const sorted = entries.toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`
}
