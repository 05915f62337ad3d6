import type { ExecutionResult } from 'graphql'
import { tellRefusals } from '../access/refusals.ts'
import { withoutSuggestions } from '../access/suggestions.ts'
import type { GatewaySettings } from '../settings.ts'
import { isSchemaOpen } from './use-introspection.ts'

/** An answer with its errors worded as the settings want them. */
export function wordedAnswer(settings: GatewaySettings, result: ExecutionResult): ExecutionResult {
  const heard = tellRefusals(result, settings.access.refusals)
  return isSchemaOpen(settings) ? heard : withoutSuggestions(heard)
}
