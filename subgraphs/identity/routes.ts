import { z } from 'zod'
import { toClient } from '#kernel/auth/client.ts'
import { isDomainError } from '#kernel/errors.ts'
import { eventStreamAnswer, jsonAnswer, refusalAnswer } from '#kernel/serve/answers.ts'
import type { Route } from '#kernel/service/subgraph.ts'
import type { Core } from './services/core.ts'
import { createKeyIntrospection } from './services/key-introspection.ts'

/** The longest text that can be a key, with room for longer ones to be refused politely. */
const Question = z.object({ key: z.string().max(200), ip: z.string().max(64).nullish() })

function parseQuestion(body: string): z.infer<typeof Question> | null {
  try {
    return Question.parse(JSON.parse(body))
  } catch (failure) {
    if (failure instanceof SyntaxError || failure instanceof z.ZodError) return null
    throw failure
  }
}

/** What the gateway asks beside GraphQL: public keys, what a key stands for, what was revoked. */
export function createRoutes(core: Core): Route[] {
  const introspection = createKeyIntrospection(core)
  return [
    {
      method: 'GET',
      path: '/.well-known/jwks.json',
      access: 'public',
      handle: async () => jsonAnswer(await core.signingKeys.publicKeys()),
    },
    {
      method: 'POST',
      path: '/introspect-key',
      access: ['gateway'],
      handle: async ({ body, viewer }) => {
        const question = parseQuestion(body)
        if (!question) return jsonAnswer({ code: 'KEY_MALFORMED' }, 401)
        try {
          const { requestId } = viewer
          const client = toClient({ ip: question.ip, userAgent: null })
          return jsonAnswer(await introspection.introspect(question.key, { requestId, client }))
        } catch (failure) {
          if (isDomainError(failure)) return refusalAnswer(failure, 401)
          throw failure
        }
      },
    },
    {
      method: 'GET',
      path: '/revocations',
      access: ['gateway'],
      handle: async ({ signal }) => eventStreamAnswer(core.revocations.follow(signal)),
    },
  ]
}
