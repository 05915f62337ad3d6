import { buildASTSchema, parse, validate } from 'graphql'
import { withDeferDirective } from '#gateway/engine/incremental/defer-directive.ts'
import type { Rule } from '../kit/rule.ts'
import type { SourceTree } from '../kit/tree.ts'

const SUPERGRAPH = 'schema/supergraph.graphql'

/** Who copies a query out of a document gets an answer to it. */
export const exampleQueriesAreValid: Rule = {
  name: 'every GraphQL example of a document is valid on the composed schema',
  check: (tree) => {
    const documents = tree.paths.filter((path) => path.endsWith('.md'))
    const examples = documents.flatMap((path) => examplesIn(tree, path))
    return examples.length === 0 ? [] : examples.flatMap(mistakesBy(tree))
  },
}

type Example = { readonly path: string; readonly text: string }

function examplesIn(tree: SourceTree, path: string): Example[] {
  const blocks = [...tree.read(path).matchAll(/^```graphql\n([\s\S]*?)^```/gm)]
  return blocks.flatMap(([, text]) => (text ? [{ path, text }] : []))
}

function mistakesBy(tree: SourceTree): (example: Example) => string[] {
  const sdl = parse(tree.read(SUPERGRAPH))
  // The supergraph carries composition's own directives; only its types matter here.
  const schema = withDeferDirective(buildASTSchema(sdl, { assumeValidSDL: true }))
  return ({ path, text }) =>
    validate(schema, parse(text)).map(({ message }) => `${path}: ${message}`)
}
