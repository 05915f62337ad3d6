import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Dependence } from '../engine/sharing-of.ts'
import { sharedAsker } from './shared-viewer.ts'

/** In whose name a query is asked, and what is equal for all whom its answer may be told to. */
export type AskedAs = { viewer: Viewer; sharedAs?: string }

/** Says for each dependence of a question in whose name one asker asks it. */
export type AsAsker = (dependence: Dependence) => AskedAs

/**
 * Where sharing is off, nobody shares; where subgraphs hear nothing of who asks, all do. Elsewhere an answer is shared as far as it
 * depends on nobody. One person's own questions are not: what is read of others may have to be
 * recorded, each time that it is.
 */
export function asAsker(
  viewer: Viewer,
  { isOn, tellsWho }: { isOn: boolean; tellsWho: boolean },
): AsAsker {
  if (!isOn) return () => ({ viewer })
  if (!tellsWho) return () => ({ viewer, sharedAs: '' })
  const known = new Map<Dependence, AskedAs>()
  return (dependence) => {
    const remembered = known.get(dependence)
    if (remembered) return remembered
    const { viewer: inName, key, isShared } = sharedAsker(dependence, viewer)
    const asked = isShared ? { viewer: inName, sharedAs: key } : { viewer }
    known.set(dependence, asked)
    return asked
  }
}
