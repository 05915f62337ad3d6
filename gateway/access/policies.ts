import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Logger } from '#kernel/log.ts'

/** What a policy is asked with. It is asked once per operation, and a subscription is one. */
export type PolicyQuestion = {
  viewer: Viewer
  /** Aborts when the answer comes too late to count. */
  signal: AbortSignal
}

/** Grants by `true` and by nothing else. */
export type Policy = (question: PolicyQuestion) => boolean | Promise<boolean>

/** Functions by the names that `@policy` uses; a name that nobody registered is never granted. */
export type Policies = Readonly<Record<string, Policy>>

/** Names of the policies that are granted to one asker for one operation. */
export type Granted = ReadonlySet<string>

/** What decides on policies. */
export type PolicyCourt = { policies: Policies; timeoutMs: number; log: Logger }

export const NOTHING_GRANTED: Granted = new Set()

type Decision = 'granted' | 'denied' | 'unregistered' | 'timed out' | 'failed'

/** The answer of one policy, or that it took too long; the timer never outlives it. */
async function answerOf(policy: Policy, viewer: Viewer, timeoutMs: number): Promise<Decision> {
  const late = new AbortController()
  const tooLate = Promise.withResolvers<'timed out'>()
  const timer = setTimeout(() => {
    tooLate.resolve('timed out')
    late.abort(new Error('The policy took too long.'))
  }, timeoutMs)
  try {
    const asked = (async () => policy({ viewer, signal: late.signal }))()
    const answer = await Promise.race([asked, tooLate.promise])
    if (answer === 'timed out') return answer
    return answer === true ? 'granted' : 'denied'
  } finally {
    clearTimeout(timer)
  }
}

async function decide(court: PolicyCourt, name: string, viewer: Viewer): Promise<Decision> {
  const policy = Object.hasOwn(court.policies, name) ? court.policies[name] : undefined
  if (!policy) return 'unregistered'
  try {
    return await answerOf(policy, viewer, court.timeoutMs)
  } catch (err) {
    court.log.error({ err, policy: name, requestId: viewer.requestId }, 'a policy failed')
    return 'failed'
  }
}

/**
 * Asks each policy once, all at the same time. Whatever is no clear grant in time is a refusal: an
 * unknown name, a failure, an answer that comes too late. Every decision is logged at debug.
 */
export async function askPolicies(
  court: PolicyCourt,
  names: readonly string[],
  viewer: Viewer,
): Promise<Granted> {
  const { requestId } = viewer
  const decided = names.map(async (name) => {
    const decision = await decide(court, name, viewer)
    court.log.debug({ policy: name, decision, requestId }, 'a policy was asked')
    if (decision === 'timed out')
      court.log.warn({ policy: name, requestId }, 'a policy took too long and counts as refused')
    return decision === 'granted' ? [name] : []
  })
  return new Set((await Promise.all(decided)).flat())
}
