import { serviceViewer, type Viewer } from '#kernel/auth/viewer.ts'
import { createNumbering } from '#kernel/numbering.ts'
import type { Dependence } from '../engine/sharing-of.ts'
import { GATEWAY_NAME } from '../transport/subgraphs.ts'

/** In whose name a question is asked, and the text that is equal for all who may share its answer. */
export type SharedAsker = {
  /** A viewer that names no person; the asker as they are where the answer depends on them. */
  viewer: Viewer
  key: string
  isShared: boolean
}

/**
 * Who asks in place of many: a service with those of the asker's scopes that rules of the question
 * name, so that it may exactly what each of them may there; within a tenant, with the asker's reach,
 * because whoever was let into a guild alone sees less of it. Where the answer depends on the viewer,
 * nobody shares, not with themselves either: each look may have to be recorded.
 */
export function sharedAsker({ sharing, scopes }: Dependence, viewer: Viewer): SharedAsker {
  if (sharing === 'viewer') return { viewer, key: ownKey(viewer), isShared: false }
  const granted = viewer.scopes.filter((scope) => scopes.has(scope))
  const reach = sharing === 'tenant' ? viewer.reach : ({ kind: 'none' } as const)
  const { requestId } = viewer
  return {
    viewer: serviceViewer({ serviceName: GATEWAY_NAME, reach, scopes: granted, requestId }),
    key: JSON.stringify([sharing, reach, granted]),
    isShared: true,
  }
}

const numberOf = createNumbering<Viewer>()

/** Names one asking, and no other: not by its request id, which clients may choose. */
export const ownKey = (viewer: Viewer): string => JSON.stringify(['asking', numberOf(viewer)])
