import { parse, print } from 'graphql'
import { resolveAccessFeatures } from '../access/linked-features.ts'
import { type ReservedKeys, readReservedKeys } from '../access/reserved-keys.ts'
import { type AccessRules, readAccessRules } from '../access/scope-rules.ts'
import { withoutAccessRules } from '../access/strip-rules.ts'
import {
  readSlicingPaths,
  type SlicingPaths,
  withoutSlicingPaths,
} from '../demand/slicing-paths.ts'

/** A supergraph in its parts: who may see what, and the SDL without that. */
export type ParsedSupergraph = {
  rules: AccessRules
  reservedKeys: ReservedKeys
  /** Of `@listSize`, which the SDL does not hold either: no planner reads them. */
  slicingPaths: SlicingPaths
  sdl: string
}

/** Takes the access rules out of an SDL; its planner and its clients know nothing of them. */
export function parseSupergraph(sdl: string): ParsedSupergraph {
  const document = parse(sdl, { noLocation: true })
  const features = resolveAccessFeatures(document)
  const rules = readAccessRules(document, features)
  const reservedKeys = readReservedKeys(document)
  const slicingPaths = readSlicingPaths(document)
  const planned = withoutSlicingPaths(withoutAccessRules(document, features))
  return { rules, reservedKeys, slicingPaths, sdl: print(planned) }
}
