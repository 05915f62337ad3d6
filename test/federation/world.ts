import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import type { Ask, TestPlatform } from '../kit/platform.ts'

/** Waits until an answer is as it should be; fails after a bound. */
export async function untilAnswer<Value>(
  ask: () => Promise<Value>,
  isReached: (value: Value) => boolean,
  withinMs = 15_000,
): Promise<Value> {
  const end = Date.now() + withinMs
  for (;;) {
    const value = await ask()
    if (isReached(value)) return value
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms: ${JSON.stringify(value)}`)
    await new Promise((resume) => setTimeout(resume, 20))
  }
}

/** The value of the only root field, which must be there. */
export async function take<Value>(ask: Ask, query: string, variables: object = {}): Promise<Value> {
  const { data, errors } = await ask(query, variables)
  const [value] = Object.values(data ?? {})
  if (errors || !value) throw new Error(`refused: ${query} ${JSON.stringify(errors)}`)
  return value as Value
}

const documentOf = (name: string, selected: string) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  const inputs: Readonly<Record<string, string>> = {
    requestWithdrawal: 'Hold',
    holdFunds: 'Hold',
    freezeHold: 'FreezeHold',
    thawHold: 'FreezeHold',
    releaseHold: 'HoldEnd',
    completeWithdrawal: 'HoldEnd',
    recordConversationTurn: 'ConversationTurn',
  }
  const input = `${inputs[name] ?? type}Input`
  return `mutation Change($input: ${input}!) { ${name}(input: $input) { ${selected} } }`
}

/** Runs a mutation for what it returns, by default its id. */
export const changed = async <Value = { id: string }>(
  ask: Ask,
  name: string,
  input: object,
  selected = 'id',
): Promise<Value> => take<Value>(ask, documentOf(name, selected), { input })

/** The same, tried again until those who must have heard of a guild or a person have. */
export async function changedOnceHeard(ask: Ask, name: string, input: object): Promise<string> {
  const answer = await untilAnswer(
    () => ask(documentOf(name, 'id'), { input }),
    ({ errors }) => errors === undefined,
  )
  const made = answer.data?.[name] as { id: string } | null | undefined
  return made?.id ?? ''
}

/** Data and errors' codes with their paths: what a client can act on. */
export async function shown(ask: Ask, query: string, variables: object = {}) {
  const { data, errors = [] } = await ask(query, variables)
  const refused = errors.map(({ path, extensions }) => `${path?.join('.')}: ${extensions.code}`)
  return { data, refused: refused.sort() }
}

/** What the services do by themselves, whoever asks. */
const OWN_WORK =
  /\b(outbox|outbox_lanes|jobs|inbox|feed_runs|match_results|settlement_due_at|has_unpublished)\b/

async function statementsOnce(platform: TestPlatform, work: () => Promise<unknown>) {
  const configs = platform.local.platform.services.map(({ database }) => database.orm.config)
  for (const config of configs) config.set('debug', ['query'])
  const before = platform.logged.length
  await work()
  for (const config of configs) config.set('debug', false)
  const lines = platform.logged.slice(before).filter((line) => /\[query\]/.test(line))
  return lines.filter((line) => !OWN_WORK.test(line))
}

/** The statements that databases are sent for a query: the fewest of some tries, as loops of their own add to others. */
export async function statementsDuring(
  platform: TestPlatform,
  query: () => Promise<unknown>,
): Promise<readonly string[]> {
  const tries: string[][] = []
  for (let turn = 0; turn < 5; turn += 1) {
    await untilQuiet(platform)
    tries.push(await statementsOnce(platform, query))
  }
  return tries.reduce((fewest, one) => (one.length < fewest.length ? one : fewest))
}

/** A statement without its values and the number of them. */
const shapeOf = (line: string) =>
  line
    .replace(/^.*?\[query\]\s*/, '')
    .replace(/\[took.*$/s, '')
    .replace(/\(\?(?:, \?)*\)/g, '(?)')

/** What is written down of changes is read and written behind them, also while a query is answered. */
const AFTERMATH =
  /\b(audit_chains|audit_logs|alert_rules|clearances|event_topics|events|person_keys)\b/
const isReading = (shape: string) => shape.includes('select ') && !AFTERMATH.test(shape)

/** Statements of a query for few things that one for many sends more often: where a list asks for each thing alone. */
export function sentMoreOften(few: readonly string[], many: readonly string[]): string[] {
  const counts = (lines: readonly string[]) => Map.groupBy(lines.map(shapeOf), (shape) => shape)
  const ofMany = counts(many)
  const isMore = ([shape, all]: [string, string[]]) =>
    isReading(shape) && (ofMany.get(shape)?.length ?? 0) > all.length
  return [...counts(few)].filter(isMore).map(([shape]) => shape)
}

/** Waits until every message between the services has arrived. */
export async function untilQuiet(platform: TestPlatform): Promise<void> {
  const waiting = async () => {
    const counts = platform.local.platform.services.map(({ database }) =>
      database.acrossTenants().count(OutboxRow, { sentAt: null }),
    )
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  }
  await untilAnswer(waiting, (count) => count === 0, 120_000)
}
