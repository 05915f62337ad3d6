import type { Account, Answer, Ask, TestPlatform } from '../kit/platform.ts'
import { PEOPLE } from '../kit/platform.ts'
import { type Leak, leaksIn } from './leaks/judge.ts'
import {
  type Attempt,
  attemptsOn,
  namingPeople,
  type RootField,
  rootFieldsOf,
} from './leaks/operations.ts'
import { changedRows, dumpRows, type RowDump } from './leaks/row-dump.ts'
import type { ForeignWorld } from './leaks/side.ts'
import { take, untilQuiet } from './world.ts'

/** Whoever tries, with a way to a token that is still good. */
export type Asker = { name: string; token: () => Promise<string | null> }

/** What became of one asker's tries. */
export type Outcome = {
  asker: string
  tries: number
  /** Tries by root type. */
  byRoot: Record<RootField['root'], number>
  /** Tries that were answered with data, so that the border and not a typing error held. */
  answered: number
  leaks: (Leak & { field: string; variables: object })[]
  /** Rows of the foreign tenant that changed. */
  changed: string[]
  /** Answers that are no refusal but a fault of the platform. */
  faults: string[]
}

export type MatrixOptions = {
  world: ForeignWorld
  askers: readonly Asker[]
  /** Most tries on one root field; all when absent. */
  mostPerField?: number
  /** Root fields to try; all when absent. */
  only?: ReadonlySet<string>
  /** How many objects deep everything is selected. */
  depth?: number
}

const TOGETHER = 8
/** Reading all rows of all databases takes longer than many tries. */
const COMPARED_TOGETHER = 8
const TOKEN_MILLISECONDS = 120_000

/** Evenly over all attempts, so that each kind is among those kept. */
function thinOut<Item>(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) return [...items]
  return Array.from(
    { length: most },
    (_, index) => items[Math.floor((index * items.length) / most)] as Item,
  )
}

async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>) {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: TOGETHER }, worker))
}

/** Codes of a platform that failed, or of a question that this engine made wrongly. */
const FAULTS: ReadonlySet<string | undefined> = new Set([
  undefined,
  'INTERNAL_SERVER_ERROR',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  // Whoever got no answer was not refused.
  'REQUEST_TIMEOUT',
  'SERVICE_TIMEOUT',
  'SERVICE_UNREACHABLE',
  'SUBGRAPH_TIMEOUT',
  'SUBGRAPH_UNREACHABLE',
  'DATABASE_BUSY',
])

/** Settings of a platform to be tried: on a busy machine the longest answers take their time. */
export const PATIENT = {
  GATEWAY_REQUEST_TIMEOUT_SECONDS: '120',
  GATEWAY_SUBGRAPH_TIMEOUT_SECONDS: '110',
}

function note(outcome: Outcome, { root, name }: RootField, answer: Answer): void {
  outcome.tries += 1
  outcome.byRoot[root] += 1
  const isAnswered = Object.values(answer.data ?? {}).some((value) => value !== null)
  if (isAnswered) outcome.answered += 1
  const fault = answer.errors?.find(({ extensions }) => FAULTS.has(extensions?.code))
  if (fault) outcome.faults.push(`${name}: ${fault.message.slice(0, 200)}`)
}

type Run = {
  platform: TestPlatform
  options: MatrixOptions
  outcome: Outcome
  cursors: ReadonlyMap<string, readonly string[]>
  /** Foreign rows as they were last compared. */
  rows: RowDump
  /** Mutations that were tried since. */
  mutations: string[]
}

/** The first cursors of each list, as the foreign administrator gets them. */
async function foreignCursors(platform: TestPlatform, { insider }: ForeignWorld) {
  const ask = await platform.as(insider)
  const cursors = new Map<string, string[]>()
  const fields = rootFieldsOf(platform.local.supergraph.current().apiSchema)
  for (const { name, field } of fields) {
    if (!field.args.some((argument) => argument.name === 'after')) continue
    type Page = { edges: { cursor: string }[] } | null
    const { data } = await ask(`{ ${name}(first: 2) { edges { cursor } } }`)
    cursors.set(
      name,
      ((data?.[name] as Page)?.edges ?? []).map(({ cursor }) => cursor),
    )
  }
  return cursors
}

async function tryField(run: Run, field: RootField, ask: Ask): Promise<void> {
  const { options, outcome, cursors } = run
  const { world, mostPerField = Number.POSITIVE_INFINITY } = options
  const attempts = thinOut(attemptsOn(field, world, cursors.get(field.name)), mostPerField)
  await inTurns(attempts, async (attempt: Attempt) => {
    const answer = await ask(field.document, attempt.variables)
    note(outcome, field, answer)
    const leaks = leaksIn(answer, attempt, world)
    const { variables } = attempt
    outcome.leaks.push(...leaks.map((leak) => ({ ...leak, field: field.name, variables })))
  })
  if (field.root === 'Mutation') run.mutations.push(field.name)
  if (run.mutations.length === COMPARED_TOGETHER) await compareRows(run)
}

/** Compares the foreign rows with those before the mutations that were tried since. */
async function compareRows(run: Run): Promise<void> {
  const { platform, options, outcome } = run
  const rows = await dump(platform, options.world)
  const after = run.mutations.join(' or ')
  outcome.changed.push(...changedRows(run.rows, rows).map((row) => `${after}: ${row}`))
  run.rows = rows
  run.mutations = []
}

const dump = (platform: TestPlatform, { belonging }: ForeignWorld) =>
  dumpRows(platform.local.platform, belonging)

const emptyOutcome = (asker: string): Outcome => ({
  asker,
  tries: 0,
  byRoot: { Query: 0, Mutation: 0, Subscription: 0 },
  answered: 0,
  leaks: [],
  changed: [],
  faults: [],
})

/** Tries every query and mutation of the supergraph as each asker, one asker after another. */
export async function runLeakMatrix(
  platform: TestPlatform,
  options: MatrixOptions,
): Promise<Outcome[]> {
  const cursors = await foreignCursors(platform, options.world)
  // What the insider read is logged on the foreign side.
  await untilQuiet(platform)
  const fields = rootFieldsOf(platform.local.supergraph.current().apiSchema, options.depth)
  const tried = fields.filter(
    ({ root, name }) => root !== 'Subscription' && (options.only?.has(name) ?? true),
  )
  const outcomes: Outcome[] = []
  let rows = await dump(platform, options.world)
  for (const asker of options.askers) {
    const outcome = emptyOutcome(asker.name)
    const run: Run = { platform, options, outcome, cursors, rows, mutations: [] }
    for (const field of tried) await tryField(run, field, platform.direct(await asker.token()))
    await untilQuiet(platform)
    await compareRows(run)
    outcomes.push(outcome)
    rows = run.rows
  }
  return outcomes
}

/**
 * Names foreign people in rows of one's own, wherever an operation takes a person, and tells what came
 * of it. Those rows are left behind: it is tried last.
 */
export async function namePeople(
  platform: TestPlatform,
  { world, asker }: { world: ForeignWorld; asker: Asker },
): Promise<Outcome> {
  const outcome = emptyOutcome(asker.name)
  const ask = platform.direct(await asker.token())
  const rows = await dump(platform, world)
  for (const field of rootFieldsOf(platform.local.supergraph.current().apiSchema, 3)) {
    for (const attempt of namingPeople(field, world)) {
      const answer = await ask(field.document, attempt.variables)
      note(outcome, field, answer)
      const leaks = leaksIn(answer, attempt, world)
      const { variables } = attempt
      outcome.leaks.push(...leaks.map((leak) => ({ ...leak, field: field.name, variables })))
    }
  }
  await untilQuiet(platform)
  outcome.changed.push(...changedRows(rows, await dump(platform, world)))
  return outcome
}

/** Signs in again before a token ends. */
export function signedIn(platform: TestPlatform, name: string, account: Account): Asker {
  let known: { token: string; until: number } | null = null
  return {
    name,
    token: async () => {
      if (!known || known.until < Date.now()) {
        const token = await platform.tokenOf(account)
        known = { token, until: Date.now() + TOKEN_MILLISECONDS }
      }
      return known.token
    },
  }
}

/** A key of the tenant's administrator with every scope that he holds himself. */
async function keyWithAllScopes(platform: TestPlatform): Promise<string> {
  const signIn = 'mutation In($i: SignInInput!) { signIn(input: $i) { scopes accessToken } }'
  type SignedIn = { scopes: string[]; accessToken: string }
  const { scopes, accessToken } = await take<SignedIn>(platform.with(null), signIn, {
    i: PEOPLE.acmeAdmin,
  })
  const create = 'mutation Key($i: CreateApiKeyInput!) { createApiKey(input: $i) { text } }'
  const input = { name: 'matrix', scopes }
  return (await take<{ text: string }>(platform.with(accessToken), create, { i: input })).text
}

/** Somebody with every right of an administrator, in one guild of Acme alone. */
async function guildAdministrator(platform: TestPlatform): Promise<Account> {
  const ask = await platform.as(PEOPLE.acmeAdmin)
  const { guildId } = PEOPLE.acmeMember
  const person = { email: 'guild-admin@acme.example', password: 'a long enough password' }
  const { email, password } = person
  const create = 'mutation New($i: CreateUserInput!) { createUser(input: $i) { id } }'
  const { id: userId } = await take<{ id: string }>(ask, create, { i: { email } })
  const first = 'mutation First($i: SetFirstPasswordInput!) { setFirstPassword(input: $i) { id } }'
  await take(await platform.as(PEOPLE.operator), first, { i: { userId, password } })
  const roles = '{ roles(where: { name: { eq: "tenant-admin" } }) { edges { node { id } } } }'
  const { edges } = await take<{ edges: { node: { id: string } }[] }>(ask, roles)
  const grant = 'mutation Give($i: GrantRoleInput!) { grantRole(input: $i) { id } }'
  await take(ask, grant, { i: { userId, roleId: edges[0]?.node.id, guildId } })
  return { ...person, guildId }
}

/** Those who must get nothing of another tenant. */
export async function strangers(platform: TestPlatform): Promise<Asker[]> {
  const key = await keyWithAllScopes(platform)
  return [
    { name: 'anonymous', token: async () => null },
    signedIn(platform, 'member of a guild', PEOPLE.acmeMember),
    signedIn(platform, 'administrator of a guild', await guildAdministrator(platform)),
    signedIn(platform, 'administrator of the tenant', PEOPLE.acmeAdmin),
    { name: 'API key with all his scopes', token: async () => key },
  ]
}

/** The table of a report: tries and leaks by asker. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(
    ({ asker, tries, byRoot, answered, leaks, changed }) =>
      `| ${asker} | ${tries} | ${byRoot.Query} | ${byRoot.Mutation} | ${answered} | ${leaks.length} | ${changed.length} |`,
  )
  return [
    '| asker | tries | queries | mutations | answered | leaks | foreign rows changed |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}
