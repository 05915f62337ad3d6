import SchemaBuilder from '@pothos/core'
import DataloaderPlugin from '@pothos/plugin-dataloader'
import DirectivesPlugin from '@pothos/plugin-directives'
import FederationPlugin from '@pothos/plugin-federation'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import ValidationPlugin from '@pothos/plugin-validation'
import {
  DirectiveLocation,
  GraphQLDirective,
  GraphQLNonNull,
  type GraphQLSchema,
  GraphQLString,
} from 'graphql'
import './access-plugin.ts'
import './describe-plugin.ts'
import { satisfies } from '../auth/scopes.ts'
import type { Viewer } from '../auth/viewer.ts'
import type { Resume } from '../events/resume.ts'
import { graphqlError } from './errors.ts'
import { BigIntScalar, DateTimeScalar, type JsonObject, JsonObjectScalar } from './scalars.ts'

/** What every subgraph's context holds; a domain adds its services and loaders. */
export type RequestContext = {
  viewer: Viewer
  /** Where a live feed goes on, from `extensions.resume`. */
  resume: Resume | null
  /** Ends when the asker is gone. */
  signal: AbortSignal
  /** Answers `@policy` names for this request. */
  hasPolicy?: (name: string) => boolean | Promise<boolean>
}

export type BuilderTypes<Context extends RequestContext> = {
  Context: Context
  DefaultFieldNullability: false
  DefaultEdgesNullability: { list: false; items: false }
  DefaultNodeNullability: false
  AuthScopes: {
    authenticated: boolean
    scopes: readonly (readonly string[])[]
    policy: readonly (readonly string[])[]
  }
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    BigInt: { Input: bigint; Output: bigint }
    JSONObject: { Input: JsonObject; Output: JsonObject }
  }
}

/** Federation's version for all subgraphs; 2.9 has `@cost` and `@listSize`. */
const FEDERATION_URL = 'https://specs.apollo.dev/federation/v2.9'
/** The specification of `@shares`; a name, not a page (docs/glossary.md says what it means). */
const SHARES_URL = 'https://dbsbm.dev/shares/v1.0'

const sharesDirective = new GraphQLDirective({
  name: 'shares',
  description: 'On whom an answer depends, and so between whom it may be shared.',
  locations: [DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT],
  args: { by: { type: new GraphQLNonNull(GraphQLString) } },
})

async function holdsPolicies(
  context: RequestContext,
  required: readonly (readonly string[])[],
): Promise<boolean> {
  for (const all of required) {
    const answers = await Promise.all(all.map((name) => context.hasPolicy?.(name) ?? false))
    if (answers.every(Boolean)) return true
  }
  return false
}

/** A list and its parts depend on nobody by themselves: on whom, the field says that gives them. */
const ADDS_NO_DEPENDENCE = { shares: 'everyone' } as const

/**
 * The one way to build a subgraph's schema. Nothing is nullable unless it says so; every root field
 * and every entity says `auth`.
 */
export function createBuilder<Context extends RequestContext>() {
  const builder = new SchemaBuilder<BuilderTypes<Context>>({
    // Configuration hooks run from the last to the first: `access` translates for the others.
    plugins: [
      ScopeAuthPlugin,
      ValidationPlugin,
      RelayPlugin,
      DataloaderPlugin,
      DirectivesPlugin,
      FederationPlugin,
      'describe',
      'access',
    ],
    defaultFieldNullability: false,
    scopeAuth: {
      authorizeOnSubscribe: true,
      authScopes: (context) => ({
        authenticated: context.viewer.kind === 'user' || context.viewer.kind === 'key',
        scopes: (required) => satisfies(context.viewer.scopes, required),
        policy: (required) => holdsPolicies(context, required),
      }),
      unauthorizedError: () => graphqlError('UNAUTHORIZED_FIELD_OR_TYPE'),
    },
    relay: {
      cursorType: 'String',
      clientMutationId: 'omit',
      nodeQueryOptions: false,
      nodesQueryOptions: false,
      edgesFieldOptions: {
        nullable: { list: false, items: false },
        description: 'The items of this page, in order.',
        ...ADDS_NO_DEPENDENCE,
      },
      nodeFieldOptions: { nullable: false, description: 'The item.', ...ADDS_NO_DEPENDENCE },
      cursorFieldOptions: {
        description: 'Where the item stands in the list.',
        ...ADDS_NO_DEPENDENCE,
      },
      pageInfoFieldOptions: {
        description: 'Where the page stands in the list.',
        ...ADDS_NO_DEPENDENCE,
      },
      defaultConnectionTypeOptions: { description: 'One page of a list.' },
      defaultEdgeTypeOptions: { description: 'One item of a page.' },
      pageInfoTypeOptions: {
        shareable: true,
        ...ADDS_NO_DEPENDENCE,
        description: 'Where a page stands in its list.',
      },
    },
  })
  builder.queryType({ description: 'Where every question starts.' })
  builder.addScalarType('DateTime', DateTimeScalar)
  builder.addScalarType('BigInt', BigIntScalar)
  builder.addScalarType('JSONObject', JsonObjectScalar)
  return builder
}

export type Builder<Context extends RequestContext> = ReturnType<typeof createBuilder<Context>>

/** The subgraph schema with its federation links; `@shares` composes into the supergraph. */
export function toSubgraphSchema<Context extends RequestContext>(
  builder: Builder<Context>,
): GraphQLSchema {
  return builder.toSubGraphSchema({
    linkUrl: FEDERATION_URL,
    composeDirectives: ['@shares'],
    directives: [sharesDirective],
    extensions: {
      directives: [{ name: 'link', args: { url: SHARES_URL, import: ['@shares'] } }],
    },
  })
}

/** `@listSize` of every connection: the page's size is in its slicing arguments. */
export const CONNECTION_SIZE = {
  assumedSize: 20,
  slicingArguments: ['first', 'last'],
  sizedFields: ['edges'],
  requireOneSlicingArgument: false,
}
