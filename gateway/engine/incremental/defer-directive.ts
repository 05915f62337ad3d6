import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLNonNull,
  GraphQLSchema,
  GraphQLString,
} from 'graphql'

/** `@defer` of the incremental delivery specification; GraphQL 16 does not bring it. */
export const GraphQLDeferDirective = new GraphQLDirective({
  name: 'defer',
  description:
    'Lets what this fragment selects be delivered after the rest, to clients that accept parts.',
  locations: [DirectiveLocation.FRAGMENT_SPREAD, DirectiveLocation.INLINE_FRAGMENT],
  args: {
    if: {
      type: new GraphQLNonNull(GraphQLBoolean),
      defaultValue: true,
      description: 'Deferred when true.',
    },
    label: { type: GraphQLString, description: 'Told with the part, to know it by.' },
  },
})

/** The same schema, whose operations may say `@defer`. */
export function withDeferDirective(schema: GraphQLSchema): GraphQLSchema {
  const config = schema.toConfig()
  const directives = [...config.directives, GraphQLDeferDirective]
  return new GraphQLSchema({ ...config, directives, assumeValid: true })
}
