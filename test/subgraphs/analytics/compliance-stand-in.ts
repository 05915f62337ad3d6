import type { ServiceAddress } from '#kernel/service/subgraph-fetch.ts'

/** What the stand-in does with a question: gives this answer, this status, or none at all. */
export type Manner =
  | { answer: 'yes' | 'no'; code?: string }
  | { status: number }
  | { says: unknown }
  | { yesAfter: Promise<unknown> }
  | 'hangs'
  | 'throws'

export type Question = { path: string } & Record<string, unknown>

export type ComplianceStandIn = ReturnType<typeof createComplianceStandIn>

const json = (body: unknown, status = 200) => Response.json(body, { status })

/**
 * Answers `/may-bet` and `/may-deposit` where the real compliance is not what a test is about; it
 * remembers the questions and checks nothing.
 */
export function createComplianceStandIn(manner: Manner = { answer: 'yes' }) {
  let current = manner
  const asked: Question[] = []
  const answer = async (request: Request): Promise<Response> => {
    const body = (await request.json()) as Record<string, unknown>
    asked.push({ path: new URL(request.url).pathname, ...body })
    if (current === 'hangs') return new Promise(() => {})
    if (current === 'throws') throw new Error('the line is dead')
    if ('status' in current) return json({}, current.status)
    if ('says' in current) return json(current.says)
    const clearanceId = String(asked.length)
    if ('yesAfter' in current) await current.yesAfter
    const { answer, code = null } = 'yesAfter' in current ? ({ answer: 'yes' } as const) : current
    return json({ clearanceId, answer, code, isProvisional: true, says: 'A stand-in says so.' })
  }
  return {
    /** Every question, tries of one question too. */
    asked,
    behave: (next: Manner) => {
      current = next
    },
    resolve: (callee: string): ServiceAddress => {
      if (callee !== 'compliance') throw new Error(`${callee} is not here`)
      return { url: 'http://compliance.local', fetch: answer }
    },
  }
}
