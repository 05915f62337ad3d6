import { z } from 'zod'
import { isDomainError } from '#kernel/errors.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { jsonAnswer, refusalAnswer } from '#kernel/serve/answers.ts'
import type { Route } from '#kernel/service/subgraph.ts'
import type { ClearanceKind } from './entities/clearance.ts'
import { complianceError } from './errors.ts'
import type { Clearances } from './services/clearances.ts'

const Id = z.string().refine(isDecimalId)

/** Money as it can stand in the ledger: 1 to 10^15 minor units. */
const Question = z.object({
  userId: Id,
  tenantId: Id,
  guildId: Id,
  amount: z
    .string()
    .regex(/^(?:[1-9]\d{0,14}|10{15})$/)
    .transform(BigInt),
  currency: z.string().regex(/^[A-Z]{3}$/),
  idempotencyKey: z.string().regex(/^[\w.:-]{1,64}$/),
})

/** @throws CLEARANCE_INVALID */
function readQuestion(body: string): z.infer<typeof Question> {
  try {
    return Question.parse(JSON.parse(body))
  } catch (cause) {
    throw complianceError('CLEARANCE_INVALID', {}, { cause })
  }
}

const statusOf = (failure: unknown) => (isDomainError(failure, 'CLEARANCE_INVALID') ? 400 : 409)

/** What analytics asks before money moves; whatever is no answer moves nothing. */
export function createRoutes(clearances: Clearances): Route[] {
  const routeOf = (path: string, kind: ClearanceKind): Route => ({
    method: 'POST',
    path,
    access: ['analytics'],
    handle: async ({ body, viewer }) => {
      try {
        return jsonAnswer(await clearances.answer({ kind, ...readQuestion(body) }, viewer))
      } catch (failure) {
        if (isDomainError(failure)) return refusalAnswer(failure, statusOf(failure))
        throw failure
      }
    },
  })
  return [routeOf('/may-bet', 'bet'), routeOf('/may-deposit', 'deposit')]
}
