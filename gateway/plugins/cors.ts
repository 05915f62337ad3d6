import type { CORSOptions } from 'graphql-yoga'
import type { GatewaySettings } from '../settings.ts'

const A_DAY_SECONDS = 86_400

/** Which pages may call: none, those of the listed origins, or any (then without credentials). */
export function corsOptions({ corsOrigins }: GatewaySettings): CORSOptions | false {
  if (corsOrigins !== '*' && corsOrigins.length === 0) return false
  return {
    origin: corsOrigins === '*' ? '*' : [...corsOrigins],
    credentials: corsOrigins !== '*',
    methods: ['GET', 'POST'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'apollo-require-preflight',
      'x-graphql-yoga-csrf',
      'x-request-id',
      'last-event-id',
      'x-dbsbm-query-plan',
      'x-dbsbm-cost',
    ],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: A_DAY_SECONDS,
  }
}
