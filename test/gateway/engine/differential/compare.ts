import { type DocumentNode, type ExecutionResult, getVariableValues, Kind } from 'graphql'
import type { FilteredOperation } from '#gateway/access/filter-operation.ts'
import { settledDocument } from '#gateway/engine/settled-conditions.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { isDomainError } from '#kernel/errors.ts'
import { anonymous, viewerWith } from '../federated-world.ts'
import { type Chance, canonicalJson, chanceOf } from './chance.ts'
import { nonconformity, tellingTypes } from './conforms.ts'
import { type Faults, faultsOf } from './faults.ts'
import { documentOf, type Laboratory, type Outcome, type Question } from './laboratory.ts'
import { isValid, type RandomOperation, randomOperation } from './random-operation.ts'
import type { OracleRights, OracleVerdict } from './rights-oracle.ts'

/** What was found, by name, for one federation. */
export type Tally = Map<string, number>

/** Why Apollo's executor answers otherwise; its page says more of each. */
export const REASONS = [
  'order of keys',
  'conditions',
  'interface objects',
  'all lost over one value',
  'a list for an object',
  'the type of an object',
  'numbers',
  'without a fault too',
  'other questions',
  'unexplained',
] as const
export type Reason = (typeof REASONS)[number]

/** An answer of ours that nothing explains: our fault until it is shown to be another's. */
export type Difference = { seed: string; what: string; details: string }

const dataOf = (answers: readonly ExecutionResult[]) =>
  JSON.stringify(answers.map(({ data }) => data ?? null))
const looselyOf = (answers: readonly ExecutionResult[]) =>
  canonicalJson(answers.map(({ data }) => data ?? null))
const pathsOf = (answers: readonly ExecutionResult[]) =>
  answers.map(({ errors = [] }) =>
    [...new Set(errors.map(({ path }) => JSON.stringify(path ?? [])))].toSorted(),
  )
const codesOf = (answers: readonly ExecutionResult[]) =>
  answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => String(extensions?.code)))

const UNPLANNED = ['OPERATION_NOT_PLANNABLE', 'PLAN_TOO_LARGE', 'PLANNING_TIMEOUT']

/** True for an operation that the planner does not manage; there is nothing to compare then. */
export const isUnplanned = ({ answers }: Pick<Outcome, 'answers'>): boolean =>
  codesOf(answers).some((code) => UNPLANNED.includes(code))

/** Rights of somebody: everything, nothing, or some of it. */
function rightsFor(lab: Laboratory, chance: Chance): { viewer: Viewer; rights: OracleRights } {
  const { scopes, policies } = lab.named
  const isAll = chance.oneIn(3)
  const heldScopes = scopes.filter(() => isAll || chance.oneIn(2))
  const heldPolicies = policies.filter(() => isAll || chance.oneIn(2))
  if (!isAll && chance.oneIn(5))
    return {
      viewer: anonymous,
      rights: { isSignedIn: false, scopes: new Set(), policies: new Set() },
    }
  const viewer = viewerWith(...heldScopes, ...heldPolicies.map((name) => `policy:${name}`))
  return {
    viewer,
    rights: { isSignedIn: true, scopes: new Set(heldScopes), policies: new Set(heldPolicies) },
  }
}

/** One operation of one asker, read by the gateway and by the oracle. */
export type Case = {
  lab: Laboratory
  seed: string
  operation: RandomOperation
  question: Omit<Question, 'faults'>
  /** The same without conditions, so that all plan it alike and ask the same. */
  settled: Omit<Question, 'faults'> & { document: DocumentNode }
  verdict: OracleVerdict
  /** Reads another document of the same operation for the same asker. */
  authorise: (document: DocumentNode) => FilteredOperation
}

/** Variables with their defaults. */
function coerced({ loaded }: Laboratory, document: DocumentNode, { variables }: RandomOperation) {
  const [operation] = document.definitions
  const definitions =
    operation?.kind === Kind.OPERATION_DEFINITION ? operation.variableDefinitions : []
  return getVariableValues(loaded.apiSchema, definitions ?? [], variables).coerced ?? variables
}

/** Makes up a case; the name of the reason where none is to be had. */
export async function makeCase(
  lab: Laboratory,
  seed: string,
): Promise<Case | 'invalid' | 'reserved'> {
  const operation = randomOperation(lab.loaded.apiSchema, seed)
  if (!isValid(lab.loaded.apiSchema, operation)) return 'invalid'
  const { viewer, rights } = rightsFor(lab, chanceOf(`${seed} rights`))
  const document = documentOf(operation)
  const asked = { document, operationName: operation.operationName }
  try {
    const granted = await lab.loaded.policiesFor(asked, viewer)
    const authorise = (changed: DocumentNode) =>
      lab.loaded.authorise({ ...asked, document: changed }, viewer, granted)
    const filtered = authorise(document)
    const verdict = lab.oracle(document, operation.operationName, rights)
    const variables = coerced(lab, verdict.document, operation)
    const unconditional = tellingTypes(settledDocument(document, variables))
    return {
      ...{ lab, seed, operation, verdict, authorise },
      question: { operation, filtered },
      settled: { operation, filtered: authorise(unconditional), document: unconditional },
    }
  } catch (failure) {
    if (isDomainError(failure, 'RESPONSE_KEY_RESERVED')) return 'reserved'
    throw failure
  }
}

async function alone({ lab, operation, verdict }: Case): Promise<readonly ExecutionResult[]> {
  if (verdict.isDenied) return [{ data: null }]
  const { document, wrap } = verdict
  return lab.alone({ document, operation, wrap })
}

/** A difference as it is repeated. */
export function told(
  given: Case,
  what: string,
  parts: Readonly<Record<string, unknown>>,
): Difference {
  const { operation, seed } = given
  const { text, variables, operationName } = operation
  const lines = Object.entries({ variables, operationName, ...parts }).map(
    ([name, part]) => `${name}: ${JSON.stringify(part)}`,
  )
  return { seed, what, details: [text, ...lines].join('\n') }
}

const hasInterfaceObjects = ({ lab }: Case) =>
  Object.values(lab.federation.subgraphs).some((sdl) => /\}?\s@interfaceObject/.test(sdl))

/** Why Apollo's executor may answer otherwise although ours answers as graphql-js does. */
function apollosReason(given: Case, ours: Outcome, apollos: Outcome): Reason {
  if (looselyOf(ours.answers) === looselyOf(apollos.answers)) return 'order of keys'
  if (/@(?:skip|include)/.test(given.operation.text)) return 'conditions'
  return hasInterfaceObjects(given) ? 'interface objects' : 'unexplained'
}

/** Compares an operation without faults; adds what was found. */
export async function compareClean(given: Case, tally: Tally): Promise<Difference[]> {
  const { lab, question } = given
  const add = (name: string) => tally.set(name, (tally.get(name) ?? 0) + 1)
  const ours = await lab.ours({ ...question, faults: null })
  add(`asked: ${given.operation.kind}`)
  if (given.verdict.isTouched) add('with rights refused')
  if (isUnplanned(ours)) {
    add('not plannable')
    return []
  }
  const reference = await alone(given)
  const isEqual = dataOf(ours.answers) === dataOf(reference)
  const differences: Difference[] = []
  if (isEqual) add('equal to graphql-js')
  else
    differences.push(
      told(given, 'graphql-js', { ours: ours.answers, reference, asked: ours.asked }),
    )
  const isRefused = codesOf(ours.answers).includes('UNAUTHORIZED_FIELD_OR_TYPE')
  if (isRefused !== given.verdict.isTouched)
    differences.push(told(given, 'rights', { ours: ours.answers }))
  if (!lab.apollos || given.operation.kind === 'subscription') return differences
  const apollos = await lab.apollos({ ...question, faults: null })
  if (dataOf(ours.answers) === dataOf(apollos.answers)) add('equal to Apollo')
  else if (isEqual) add(`Apollo: ${apollosReason(given, ours, apollos)}`)
  return differences
}

const questionsOf = ({ asked }: Outcome) => [...new Set(asked)].toSorted().join('\n')

function messagesOf({ answers }: Outcome): string[] {
  return answers.flatMap(({ errors = [] }) => errors.map(({ message }) => message))
}

/** Faults that the two take differently, and why; the first that was inflicted counts. */
const TAKEN_DIFFERENTLY: readonly [RegExp, Reason][] = [
  [/list for (?:object|null)/, 'a list for an object'],
  [/for the type|unknown type for/, 'the type of an object'],
  [/large number|fraction/, 'numbers'],
]

/** Why the two may answer otherwise to the same faults, where ours conforms to the schema. */
function faultsReason(
  given: Case,
  faults: Faults,
  { ours, apollos }: Record<'ours' | 'apollos', Outcome>,
): Reason {
  if (looselyOf(ours.answers) === looselyOf(apollos.answers)) return 'order of keys'
  if (messagesOf(apollos).some((message) => /^(?:Invalid non-|thrown: )/.test(message)))
    return 'all lost over one value'
  const kinds = [...faults.kinds].join()
  const [, taken] = TAKEN_DIFFERENTLY.find(([kind]) => kind.test(kinds)) ?? []
  if (taken) return taken
  if (hasInterfaceObjects(given)) return 'interface objects'
  return questionsOf(ours) === questionsOf(apollos) ? 'unexplained' : 'other questions'
}

/** The two answer otherwise also when nothing goes wrong, which is compared with graphql-js. */
async function differWithout({ lab, settled }: Case): Promise<boolean> {
  const ours = await lab.ours({ ...settled, faults: null })
  const apollos = await lab.apollos?.({ ...settled, faults: null })
  return apollos !== undefined && dataOf(ours.answers) !== dataOf(apollos.answers)
}

async function firstWrong({ lab, operation, settled }: Case, answers: readonly ExecutionResult[]) {
  const { document } = settled
  const { operationName, variables } = operation
  for (const answer of answers) {
    const wrong = await nonconformity(
      lab.loaded.apiSchema,
      { document, operationName, variables },
      answer,
    )
    if (wrong) return wrong
  }
  return null
}

/** Compares an operation while subgraphs go wrong; adds what was found. */
export async function compareFaulty(
  given: Case,
  faultSeed: string,
  tally: Tally,
): Promise<Difference[]> {
  const { lab, settled, operation } = given
  const add = (name: string) => tally.set(name, (tally.get(name) ?? 0) + 1)
  const faults = faultsOf(faultSeed)
  const ours = await lab.ours({ ...settled, faults })
  if (isUnplanned(ours)) return []
  add('asked')
  const wrong = await firstWrong(given, ours.answers)
  if (wrong) return [told(given, `conform ${faultSeed}`, { wrong, ours: ours.answers })]
  add('conforming')
  if (!lab.apollos || operation.kind === 'subscription') return []
  const apollos = await lab.apollos({ ...settled, faults: faultsOf(faultSeed) })
  const places = [ours, apollos].map(({ answers }) => canonicalJson(pathsOf(answers)))
  if (places[0] === places[1]) add('equal places of errors')
  if (dataOf(ours.answers) === dataOf(apollos.answers)) {
    add('equal to Apollo')
    return []
  }
  const taken = faultsReason(given, faults, { ours, apollos })
  const reason =
    taken === 'unexplained' && (await differWithout(given)) ? 'without a fault too' : taken
  add(`Apollo: ${reason}`)
  if (reason !== 'unexplained') return []
  const parts = { kinds: [...faults.kinds], ours: ours.answers, apollos: apollos.answers }
  return [told(given, `faults ${faultSeed}`, { ...parts, asked: ours.asked })]
}
