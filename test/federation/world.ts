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

/** Data and errors' codes with their paths: what a client can act on. */
export async function shown(ask: Ask, query: string, variables: object = {}) {
  const { data, errors = [] } = await ask(query, variables)
  const refused = errors.map(({ path, extensions }) => `${path?.join('.')}: ${extensions.code}`)
  return { data, refused: refused.sort() }
}

/** What the services do by themselves, whoever asks. */
const OWN_WORK = /\b(outbox|outbox_lanes|jobs|inbox|feed_runs)\b/

/** The statements that the databases were sent while something was done. */
export async function statementsDuring(
  platform: TestPlatform,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const configs = platform.local.platform.services.map(({ database }) => database.orm.config)
  for (const config of configs) config.set('debug', ['query'])
  const before = platform.logged.length
  await work()
  for (const config of configs) config.set('debug', false)
  const lines = platform.logged.slice(before).filter((line) => /\[query\]/.test(line))
  return lines.filter((line) => !OWN_WORK.test(line))
}
