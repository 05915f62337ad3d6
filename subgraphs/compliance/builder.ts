import { createBuilder } from '#kernel/graphql/builder.ts'
import type { ComplianceContext } from './context.ts'

/** Compliance's schema under construction; every file of types adds to it. */
export const builder = createBuilder<ComplianceContext>()

builder.mutationType({ description: 'What can be changed.' })
builder.subscriptionType({ description: 'What can be followed live.' })
