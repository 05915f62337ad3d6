import { proveRule } from './kit/rule.ts'
import { exampleQueriesAreValid } from './rules/examples.ts'

const supergraph = { 'schema/supergraph.graphql': 'type Query { me: User }\ntype User { id: ID! }' }
const readme = (query: string) => ({
  ...supergraph,
  'README.md': `# It\n\n\`\`\`graphql\n${query}\n\`\`\`\n`,
})

proveRule(exampleQueriesAreValid, {
  allows: { 'a query of fields that exist': readme('{ me { id } }') },
  refuses: {
    'a field that does not exist': readme('{ me { name } }'),
    'a leaf without its selection': readme('{ me }'),
  },
})
