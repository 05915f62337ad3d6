import { parse, print } from 'graphql'
import { resolveAccessFeatures } from '../access/linked-features.ts'
import { type ReservedKeys, readReservedKeys } from '../access/reserved-keys.ts'
import { type AccessRules, readAccessRules } from '../access/scope-rules.ts'
import { withoutAccessRules } from '../access/strip-rules.ts'

/** A supergraph in its parts: who may see what, and the SDL without that. */
export type ParsedSupergraph = { rules: AccessRules; reservedKeys: ReservedKeys; sdl: string }

/** Takes the access rules out of an SDL; its planner and its clients know nothing of them. */
export function parseSupergraph(sdl: string): ParsedSupergraph {
  const document = parse(sdl, { noLocation: true })
  const features = resolveAccessFeatures(document)
  const rules = readAccessRules(document, features)
  const reservedKeys = readReservedKeys(document)
  return { rules, reservedKeys, sdl: print(withoutAccessRules(document, features)) }
}
