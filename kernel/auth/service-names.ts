/** The five subgraphs, in the order of their ports. */
export const SUBGRAPH_NAMES = ['identity', 'tenancy', 'ai', 'compliance', 'analytics'] as const

/** Name of one subgraph. */
export type SubgraphName = (typeof SUBGRAPH_NAMES)[number]

/** Everyone who may call a subgraph with a service token. */
export type CallerName = 'gateway' | SubgraphName

const SERVICE_NAME = /^[a-z][a-z0-9-]{0,31}$/

/** True for the text of a service name, known or not (a stand-alone supergraph brings its own). */
export function isServiceName(text: unknown): text is string {
  return typeof text === 'string' && SERVICE_NAME.test(text)
}
