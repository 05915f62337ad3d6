import { createHash, hash } from 'node:crypto'
import { type DocumentNode, type ExecutionResult, print } from 'graphql'
import { canonicalText } from '#kernel/audit/canonical.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { FilteredOperation } from '../../access/filter-operation.ts'
import { ownKey, sharedAsker } from '../../access/shared-viewer.ts'
import type { Dependence } from '../../engine/sharing-of.ts'
import { type LiveWays, prepareSubscription } from '../../engine/subscribe.ts'
import type { LoadedSupergraph } from '../../supergraph.ts'
import type { SharedQuestion } from './shared-stream.ts'
import type { EventAudience } from './told.ts'

/**
 * In whose name subgraphs are asked, what is equal for all whom the answers may be told to, and what
 * is this asking's alone.
 */
export type InName = { viewer: Viewer; key: string; own: string }

/** A subscription as somebody asks it of one version of the supergraph. */
export type AskedSubscription = {
  loaded: LoadedSupergraph
  operation: FilteredOperation
  /** As the client sent them. */
  variables: Readonly<Record<string, unknown>>
  audience: EventAudience
  inNameOf: (dependence: Dependence) => InName
  /** The ways to subgraphs in somebody's name. */
  waysOf: (viewer: Viewer) => LiveWays
}

/**
 * In whose name a stream is asked for. Where subgraphs hear nothing of who asks, all share; where
 * sharing is off, nobody does.
 */
export function inNameOf(
  dependence: Dependence,
  viewer: Viewer,
  { isOn, tellsWho }: { isOn: boolean; tellsWho: boolean },
): InName {
  const own = ownKey(viewer)
  if (!isOn) return { viewer, key: own, own }
  return tellsWho ? { ...sharedAsker(dependence, viewer), own } : { viewer, key: '', own }
}

/** Larger variables are a question of their own. */
const MOST_VARIABLE_BYTES = 16_384

const printed = new WeakMap<DocumentNode, string>()
const texts = new WeakMap<FilteredOperation, string>()

/** The document as it was asked, and all that was taken out of it: equal where answers look alike. */
function textOfOperation(operation: FilteredOperation): string {
  const known = texts.get(operation)
  if (known !== undefined) return known
  const { original, operationName, documentHash, removedPaths } = operation
  const asked = printed.get(original) ?? print(original)
  printed.set(original, asked)
  const text = hash('sha256', JSON.stringify([asked, operationName, documentHash, removedPaths]))
  texts.set(operation, text)
  return text
}

/** A question that is opened and shared, or what is answered without one. */
export type AskedOrAnswered =
  | { question: SharedQuestion; answer?: never }
  | { answer: ExecutionResult; question?: never }

/**
 * What is asked, with the key by which it is shared: version, document, what was taken out of it,
 * variables, and in whose name it is asked. Throws what planning refuses.
 */
export async function sharedQuestionOf(asked: AskedSubscription): Promise<AskedOrAnswered> {
  const { loaded, operation, audience, waysOf } = asked
  const prepared = await prepareSubscription(loaded, asked)
  if (prepared.answer) return prepared
  const { plan, variables } = prepared.question
  const asker = asked.inNameOf(loaded.sharing.ofPlan({ node: plan }))
  const values = canonicalText(variables, MOST_VARIABLE_BYTES) ?? asker.own
  const key = createHash('sha256')
    .update(JSON.stringify([loaded.version, textOfOperation(operation), values, asker.key]))
    .digest('base64url')
  return {
    question: {
      ...{ key, audience, question: prepared.question },
      ...{ version: loaded.version, asker: asker.key, ways: waysOf(asker.viewer) },
    },
  }
}
