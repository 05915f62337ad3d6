import { NoSchemaIntrospectionCustomRule } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/** Questions about the schema itself, answered only where the setting says so. */
export function useIntrospection({ isOn }: { isOn: boolean }): Plugin {
  return {
    onValidate({ addValidationRule }) {
      if (!isOn) addValidationRule(NoSchemaIntrospectionCustomRule)
    },
  }
}
