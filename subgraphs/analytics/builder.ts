import { createBuilder } from '#kernel/graphql/builder.ts'
import type { AnalyticsContext } from './context.ts'

/** Analytics' schema under construction; every file of types adds to it. */
export const builder = createBuilder<AnalyticsContext>()

builder.mutationType({ description: 'What can be changed.' })
builder.subscriptionType({ description: 'What can be followed live.' })
