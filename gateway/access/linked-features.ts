import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type SchemaDefinitionNode,
  type SchemaExtensionNode,
  valueFromASTUntyped,
} from 'graphql'
import { gatewayError } from '../errors.ts'

/** What a directive of the supergraph means to the gateway. */
export type AccessFeature = 'authenticated' | 'scopes' | 'policies' | 'shares'

/** How the access features are called in one supergraph. */
export type AccessFeatures = {
  /** Local directive name (without `@`) → meaning. */
  readonly featureByDirective: ReadonlyMap<string, AccessFeature>
  /** The applications of `@link` that bring these features in. */
  readonly links: ReadonlySet<ConstDirectiveNode>
}

type KnownFeature = { directive: string; feature: AccessFeature; versions: RegExp }

const APOLLO = 'https://specs.apollo.dev/'
const KNOWN_FEATURES: Readonly<Record<string, KnownFeature>> = {
  [`${APOLLO}authenticated`]: {
    directive: 'authenticated',
    feature: 'authenticated',
    versions: /^v0\.1$/,
  },
  [`${APOLLO}requiresScopes`]: {
    directive: 'requiresScopes',
    feature: 'scopes',
    versions: /^v0\.1$/,
  },
  [`${APOLLO}policy`]: { directive: 'policy', feature: 'policies', versions: /^v0\.1$/ },
}
const SHARES: KnownFeature = { directive: 'shares', feature: 'shares', versions: /^v\d+\.\d+$/ }
const LINK_URL = /^https:\/\/specs\.apollo\.dev\/(?:link|core)\/v\d/

type Link = {
  node: ConstDirectiveNode
  url: string
  as: string | null
  purpose: unknown
  imports: unknown[]
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function readLink(node: ConstDirectiveNode): Link {
  const values = new Map(
    (node.arguments ?? []).map((argument) => [
      argument.name.value,
      valueFromASTUntyped(argument.value),
    ]),
  )
  const imports = values.get('import')
  return {
    node,
    url: textOrNull(values.get('url')) ?? textOrNull(values.get('feature')) ?? '',
    as: textOrNull(values.get('as')),
    purpose: values.get('for'),
    imports: Array.isArray(imports) ? imports : [],
  }
}

function isSchemaNode(node: { kind: string }): node is SchemaDefinitionNode | SchemaExtensionNode {
  return node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION
}

/** `@link` may itself be renamed: it is the directive that links the link specification. */
function readLinks(document: DocumentNode): Link[] {
  const applied = document.definitions
    .filter(isSchemaNode)
    .flatMap((node) => (node.directives ?? []).map(readLink))
  const bootstraps = new Set(
    applied.filter((link) => LINK_URL.test(link.url)).map((link) => link.node.name.value),
  )
  return applied.filter((link) => bootstraps.has(link.node.name.value))
}

function knownFeatureOf(link: Link): KnownFeature | null {
  const slash = link.url.lastIndexOf('/')
  const identity = link.url.slice(0, slash)
  // What calls itself a guard is none of ours: it stays, and whoever loads the rest refuses it.
  const isShares = identity.endsWith('/shares') && link.purpose !== 'SECURITY'
  const rule = Object.hasOwn(KNOWN_FEATURES, identity) ? KNOWN_FEATURES[identity] : undefined
  const known = rule ?? (isShares ? SHARES : null)
  if (known && !known.versions.test(link.url.slice(slash + 1)))
    throw gatewayError('SUPERGRAPH_INVALID', {
      reason: 'unsupported access feature',
      url: link.url,
    })
  return known
}

/** `"@name"` and `{ name: "@name", as: "@other" }` → the name it goes by here. */
function importedName(entry: unknown, directive: string): string | null {
  if (entry === `@${directive}`) return directive
  if (typeof entry !== 'object' || entry === null) return null
  const { name, as } = entry as { name?: unknown; as?: unknown }
  if (name !== `@${directive}`) return null
  return (textOrNull(as) ?? `@${directive}`).replace(/^@/, '')
}

function localNames(link: Link, known: KnownFeature): string[] {
  const namespace = link.as ?? known.directive
  const imported = link.imports.flatMap((entry) => importedName(entry, known.directive) ?? [])
  return [namespace, `${namespace}__${known.directive}`, ...imported]
}

/**
 * Finds under which names a supergraph uses the access features: imports, renamed imports,
 * namespaces. A directive that bears the plain name of a rule counts as the rule even without a link,
 * so that a forgotten link never switches a rule off.
 */
export function resolveAccessFeatures(document: DocumentNode): AccessFeatures {
  const featureByDirective = new Map<string, AccessFeature>()
  const links = new Set<ConstDirectiveNode>()
  for (const known of [...Object.values(KNOWN_FEATURES), SHARES])
    featureByDirective.set(known.directive, known.feature)
  for (const link of readLinks(document)) {
    const known = knownFeatureOf(link)
    if (!known) continue
    links.add(link.node)
    for (const name of localNames(link, known)) featureByDirective.set(name, known.feature)
  }
  return { featureByDirective, links }
}
