import { createBuilder } from '#kernel/graphql/builder.ts'
import type { TenancyContext } from './context.ts'

/** Tenancy's schema under construction; every file of types adds to it. */
export const builder = createBuilder<TenancyContext>()

builder.mutationType({ description: 'What can be changed.' })
builder.subscriptionType({ description: 'What can be followed live.' })
