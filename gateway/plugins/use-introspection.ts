import { GraphQLError, NoSchemaIntrospectionCustomRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { withoutSuggestion } from '../access/suggestions.ts'
import type { GatewaySettings } from '../settings.ts'

/** True where everybody may read the whole schema. */
export function isSchemaOpen({ introspection, access }: GatewaySettings): boolean {
  return introspection && !access.introspectionByRights
}

/**
 * Questions about the schema itself, answered only where the setting says so; where not everybody may
 * have all of it, refused documents name nothing that stands near what they asked.
 */
export function useIntrospection(settings: GatewaySettings): Plugin {
  const isOpen = isSchemaOpen(settings)
  return {
    onValidate({ addValidationRule }) {
      if (!settings.introspection) addValidationRule(NoSchemaIntrospectionCustomRule)
      if (isOpen) return
      return ({ valid, result, setResult }) => {
        if (!valid) setResult(result.map(hushed))
      }
    },
  }
}

const hushed = (error: unknown) =>
  error instanceof GraphQLError ? withoutSuggestion(error) : error
