import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  parse,
  print,
  type StringValueNode,
  visit,
} from 'graphql'

const CONTEXT = /^https:\/\/specs\.apollo\.dev\/context\/v0\.1$/

/** The SDL as Apollo's gateway is given it. */
export type ApolloSdl = {
  sdl: string
  /** Something in it is beyond Apollo's executor, so that only ours may answer. */
  beyond: '@context' | null
}

function isContextLink({ arguments: given = [] }: ConstDirectiveNode): boolean {
  const url = given.find(({ name }) => name.value === 'url' || name.value === 'feature')
  return url?.value.kind === Kind.STRING && CONTEXT.test((url.value as StringValueNode).value)
}

/**
 * Apollo's gateway refuses a feature that is linked for SECURITY and that its executor does not
 * know. It reads, checks and plans `@context` well, so it is given the link without its purpose;
 * that its executor never runs such a supergraph is the loader's to see to.
 */
export function apolloSdlOf(sdl: string): ApolloSdl {
  const document: DocumentNode = parse(sdl, { noLocation: true })
  let beyond: ApolloSdl['beyond'] = null
  const edited = visit(document, {
    Directive: (node) => {
      if (!isContextLink(node as ConstDirectiveNode)) return undefined
      beyond = '@context'
      const kept = (node.arguments ?? []).filter(({ name }) => name.value !== 'for')
      return { ...node, arguments: kept }
    },
  })
  return beyond ? { sdl: print(edited), beyond } : { sdl, beyond }
}
