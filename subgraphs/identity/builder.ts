import { createBuilder } from '#kernel/graphql/builder.ts'
import type { IdentityContext } from './context.ts'

/** Identity's schema under construction; every file of types adds to it. */
export const builder = createBuilder<IdentityContext>()

builder.mutationType({ description: 'What can be changed.' })
builder.subscriptionType({ description: 'What can be followed live.' })
