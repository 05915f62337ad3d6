import type { AccessEnforcer } from '#gateway/access/enforcer.ts'

/** A small federation: its subgraphs tell of a world of hashes, so that schemas are all it needs. */
export type Federation = {
  name: string
  /** SDL by subgraph. */
  subgraphs: Readonly<Record<string, string>>
  /** False where Apollo's executor cannot go. */
  isForApollo: boolean
  /** What of Federation it is about. */
  about: string
  policies?: AccessEnforcer['policies']
}
