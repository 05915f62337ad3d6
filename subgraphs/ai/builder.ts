import { createBuilder } from '#kernel/graphql/builder.ts'
import type { AiContext } from './context.ts'

/** Ai's schema under construction; every file of types adds to it. */
export const builder = createBuilder<AiContext>()

builder.mutationType({ description: 'What can be changed.' })
