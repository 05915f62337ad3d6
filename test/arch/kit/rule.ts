import { describe, expect, test } from 'vitest'
import { projectTree, type SourceTree, treeOf } from './tree.ts'

/** A law of the house: what it finds is a list of `path:line sentence`; nothing found is obeyed. */
export type Rule = {
  readonly name: string
  readonly check: (tree: SourceTree) => string[]
}

type Files = Readonly<Record<string, string>>

type Twins = {
  /** Worlds that keep the law, each by the sentence of what is allowed. */
  readonly allows: Readonly<Record<string, Files>>
  /** Worlds that break it, each by the sentence of what is refused; each must be found. */
  readonly refuses: Readonly<Record<string, Files>>
}

const project = projectTree()

/** The project keeps the law, and the law was seen to fail on each planted violation. */
export function proveRule(rule: Rule, { allows, refuses }: Twins): void {
  describe(rule.name, () => {
    test('the project keeps it', () => {
      expect(rule.check(project)).toEqual([])
    })
    for (const [sentence, files] of Object.entries(allows)) {
      test(`allowed: ${sentence}`, () => {
        expect(rule.check(treeOf(files))).toEqual([])
      })
    }
    for (const [sentence, files] of Object.entries(refuses)) {
      test(`refused: ${sentence}`, () => {
        expect(rule.check(treeOf(files))).not.toEqual([])
      })
    }
  })
}
