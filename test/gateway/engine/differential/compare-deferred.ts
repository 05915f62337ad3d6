import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
  Kind,
  visit,
} from 'graphql'
import { isIncremental } from '#gateway/engine/incremental/incremental-result.ts'
import { mergeParts } from '../merge-parts.ts'
import { type Chance, canonicalJson, chanceOf } from './chance.ts'
import { type Case, type Difference, isUnplanned, type Tally, told } from './compare.ts'
import { documentOf } from './laboratory.ts'

const FORMATS = ['v0.2', '20220824'] as const

/** A document whose fragments are deferred, some of them. */
function deferring(document: DocumentNode, chance: Chance): DocumentNode {
  let count = 0
  const defer = <Node extends FragmentSpreadNode | InlineFragmentNode>(node: Node): Node => {
    if (!chance.oneIn(2)) return node
    const label = { kind: Kind.STRING, value: `d${count++}` } as const
    const argument = {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: 'label' },
      value: label,
    } as const
    const directive: ConstDirectiveNode = {
      kind: Kind.DIRECTIVE,
      name: { kind: Kind.NAME, value: 'defer' },
      arguments: chance.oneIn(2) ? [argument] : [],
    }
    return { ...node, directives: [...(node.directives ?? []), directive] }
  }
  return visit(document, { InlineFragment: { leave: defer }, FragmentSpread: { leave: defer } })
}

/** The parts of a deferred answer, put together, against the answer in one piece. */
export async function compareDeferred(given: Case, tally: Tally): Promise<Difference[]> {
  const { lab, operation, question, seed } = given
  if (operation.kind !== 'query' || !operation.text.includes('...')) return []
  const add = (name: string) => tally.set(name, (tally.get(name) ?? 0) + 1)
  const chance = chanceOf(`${seed} deferred`)
  const filtered = given.authorise(deferring(documentOf(operation), chance))
  const format = chance.of(FORMATS)
  const { answers } = await lab.ours({ ...question, faults: null })
  if (isUnplanned({ answers })) return []
  const parts = await lab.inParts({ operation, filtered, faults: null }, format)
  if (!isIncremental(parts) && isUnplanned({ answers: [parts] })) return []
  const merged = await mergeParts(parts, format)
  const [whole] = answers
  if (merged.payloads > 1) add('in parts')
  // Where a part fails alone, the answer in one piece may be null further up.
  if (merged.failed > 0) {
    add('a part failed alone')
    return []
  }
  if (canonicalJson(merged.data) === canonicalJson(whole?.data ?? null)) {
    add('deferred: equal to one piece')
    return []
  }
  return [told(given, `deferred ${format}`, { merged: merged.data, whole, text: filtered.text })]
}
