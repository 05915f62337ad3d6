import { Kind, parse } from 'graphql'
import type { DocumentManifest } from '../documents/manifest.ts'

/** Words for operations in figures: a bounded list, whatever clients call theirs. */
export type OperationNames = {
  /** The word for a valid operation's name. */
  wordOf: (name: string | null) => string
}

export type OperationNamesDeps = {
  /** Names of registered documents go before all others. */
  manifest: () => Pick<DocumentManifest, 'version' | 'documents'>
  mostRegistered: number
  /** Names that clients bring; the first ones are kept. */
  mostOthers: number
}

/** No name of GraphQL looks like these. */
const OTHER = '(other)'
const ANONYMOUS = '(anonymous)'
const LONGEST_NAME = 64

function namesIn({ documents }: Pick<DocumentManifest, 'documents'>): string[] {
  return documents.flatMap(({ source }) =>
    parse(source, { noLocation: true }).definitions.flatMap((node) =>
      node.kind === Kind.OPERATION_DEFINITION && node.name ? [node.name.value] : [],
    ),
  )
}

/** A memory of names that grows to its bound and no further. */
export function createOperationNames(deps: OperationNamesDeps): OperationNames {
  const others = new Set<string>()
  let registered: ReadonlySet<string> = new Set()
  let version: string | null = null

  const registeredNames = () => {
    const manifest = deps.manifest()
    if (manifest.version !== version) {
      version = manifest.version
      registered = new Set(namesIn(manifest).slice(0, deps.mostRegistered))
    }
    return registered
  }
  return {
    wordOf(name) {
      if (name === null) return ANONYMOUS
      if (name.length > LONGEST_NAME) return OTHER
      if (others.has(name) || registeredNames().has(name)) return name
      if (others.size >= deps.mostOthers) return OTHER
      others.add(name)
      return name
    },
  }
}
