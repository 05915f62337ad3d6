import { oneOf, overrideLabels, wholeNumber } from './parsers.ts'
import { setting } from './setting.ts'

/** How the gateway plans and executes operations. */
export const ENGINE_SETTINGS = {
  GATEWAY_PLANNING_SECONDS: setting(wholeNumber(1, 60), {
    fallback: '2',
    doc: 'Longest time to plan one operation; what takes longer is refused (PLANNING_TIMEOUT), while all others go on.',
  }),
  GATEWAY_WARM_SECONDS: setting(wholeNumber(0, 600), {
    fallback: '10',
    doc: 'How long a new supergraph is held back while what is asked most is planned for it, and a start is not ready while persisted documents are. 0: nothing is planned ahead.',
  }),
  GATEWAY_OVERRIDE_LABELS: setting(overrideLabels, {
    fallback: null,
    doc: 'Labels of `@override(from:, label:)` that are on in this gateway: their fields are asked of the new subgraph, those of all other labels of the old one, `percent(…)` too. To roll out by degrees, switch a label on in one gateway after another. ApolloGateway’s executor plans for itself, and knows none of them.',
  }),
  GATEWAY_EXECUTOR: setting(oneOf('engine', 'apollo'), {
    fallback: 'engine',
    doc: 'Who executes the plans of queries and mutations: the engine of this gateway, or the executor of ApolloGateway, with which it is compared.',
  }),
  GATEWAY_SHARING: setting(oneOf('on', 'off'), {
    fallback: 'on',
    doc: 'Whether what several ask at the same time is asked once of subgraphs, as far as the answer may be told to all of them (`shares` in the schema). Off: each asks alone.',
  }),
}
