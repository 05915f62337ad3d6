import { oneOf, pointsPerSecond, type Rate, wholeNumber } from './parsers.ts'
import { type Setting, setting } from './setting.ts'

/** What operations may cost, and what those who ask may spend, in points. */
export type DemandConfig = {
  mode: 'off' | 'measure' | 'enforce'
  listSize: number
  maxCost: number
  maxSubgraphCost: number
  /** In one operation. */
  maxDirectives: number
  budgets: Readonly<
    Record<'anonymous' | 'user' | 'key' | 'operator' | 'tenant' | 'signIn' | 'connection', Rate>
  >
}

/** How large an operation may be, and what it may cost (docs/adr/0029). */
export const DEMAND_SETTINGS = {
  GATEWAY_MAX_TOKENS: setting(wholeNumber(10, 1_000_000), {
    fallback: '5000',
    doc: 'Most lexical tokens in a document.',
  }),
  GATEWAY_MAX_DIRECTIVES: setting(wholeNumber(0, 100_000), {
    fallback: '100',
    doc: 'Most directives in an operation; ten at most stand at one place.',
  }),
  GATEWAY_DEMAND: setting(oneOf('off', 'measure', 'enforce'), {
    fallback: null,
    doc: 'What operations cost: off, measure (counted, told, never refused) or enforce. By default enforce, and measure with --supergraph, as the sizes of foreign lists are not known.',
  }),
  GATEWAY_LIST_SIZE: setting(wholeNumber(1, 100_000), {
    fallback: '10',
    doc: 'How long a list is held to be of which the schema says nothing (@listSize).',
  }),
  GATEWAY_MAX_COST: setting(wholeNumber(1, 1_000_000_000), {
    fallback: '200000',
    doc: 'What one operation may cost, in points, estimated before and counted after.',
  }),
  GATEWAY_MAX_SUBGRAPH_COST: setting(wholeNumber(1, 1_000_000_000), {
    fallback: '200000',
    doc: 'What one operation may cost in one subgraph: what is estimated above it is not asked for, and the rest is answered.',
  }),
  GATEWAY_BUDGET_ANONYMOUS: setting(pointsPerSecond, {
    fallback: '4000/200000',
    doc: 'Points that come back in each second, and the most that stand, for each address of those who are not signed in.',
  }),
  GATEWAY_BUDGET_USER: setting(pointsPerSecond, {
    fallback: '10000/400000',
    doc: 'The same for each person.',
  }),
  GATEWAY_BUDGET_KEY: setting(pointsPerSecond, {
    fallback: '20000/800000',
    doc: 'The same for each API key.',
  }),
  GATEWAY_BUDGET_OPERATOR: setting(pointsPerSecond, {
    fallback: '50000/2000000',
    doc: 'The same for each person who reaches the whole platform.',
  }),
  GATEWAY_BUDGET_TENANT: setting(pointsPerSecond, {
    fallback: '100000/4000000',
    doc: 'The same for all of one tenant together.',
  }),
  GATEWAY_BUDGET_SIGN_IN: setting(pointsPerSecond, {
    fallback: '500/10000',
    doc: 'The same for signing in and out from one address, which no other budget pays for.',
  }),
  GATEWAY_BUDGET_CONNECTION: setting(pointsPerSecond, {
    fallback: '5000/200000',
    doc: 'The same for the events of each live connection.',
  }),
}

type DemandValues = {
  [Name in keyof typeof DEMAND_SETTINGS]?:
    | ((typeof DEMAND_SETTINGS)[Name] extends Setting<infer T> ? T : never)
    | null
}

/** What the settings of demand control say; `present` vouches for those that have a default. */
export function toDemandConfig(
  values: DemandValues & { GATEWAY_SUPERGRAPH?: string | null },
  present: <T>(value: T | null | undefined) => T,
): DemandConfig {
  return {
    mode: values.GATEWAY_DEMAND ?? (values.GATEWAY_SUPERGRAPH ? 'measure' : 'enforce'),
    listSize: present(values.GATEWAY_LIST_SIZE),
    maxCost: present(values.GATEWAY_MAX_COST),
    maxSubgraphCost: present(values.GATEWAY_MAX_SUBGRAPH_COST),
    maxDirectives: present(values.GATEWAY_MAX_DIRECTIVES),
    budgets: {
      anonymous: present(values.GATEWAY_BUDGET_ANONYMOUS),
      user: present(values.GATEWAY_BUDGET_USER),
      key: present(values.GATEWAY_BUDGET_KEY),
      operator: present(values.GATEWAY_BUDGET_OPERATOR),
      tenant: present(values.GATEWAY_BUDGET_TENANT),
      signIn: present(values.GATEWAY_BUDGET_SIGN_IN),
      connection: present(values.GATEWAY_BUDGET_CONNECTION),
    },
  }
}
