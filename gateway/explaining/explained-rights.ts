import { satisfies } from '#kernel/auth/scopes.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { FilteredOperation } from '../access/filter-operation.ts'
import type { Granted } from '../access/policies.ts'
import { rightsOf } from '../access/rights.ts'
import { type RuleSet, STAGES } from '../access/scope-rules.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import {
  createPathBudget,
  MOST_RIGHTS,
  type TouchedRight,
  touchedRights,
} from './touched-rights.ts'

type Lists = readonly (readonly string[])[]

/** What a field or type needs: of scopes and of policies, all that stands in any one of the lists. */
export type Needs = { authenticated: boolean; scopes: Lists; policies: Lists }

/**
 * Whether something that an operation touches is held. Where rights are hidden, nothing more of what is
 * not held than where it stands.
 */
export type ExplainedRight = {
  coordinate?: string
  /** Response keys, `@` for the elements of a list, `... on T` for a fragment; none for the root. */
  paths: readonly string[]
  needs?: Needs
  isHeld: boolean
}

export type ExplainedRights = { rights: readonly ExplainedRight[]; isWhole: boolean }

type Judged = {
  loaded: Pick<LoadedSupergraph, 'apiSchema' | 'rules'>
  operation: FilteredOperation
  viewer: Viewer
  granted: Granted
  /** False where not everybody may know which rules there are. */
  isTold: boolean
}

/** Makes the row of a right; of one that is hidden in part, the lists that are held. */
function rowsFor({ loaded: { rules }, viewer, granted, isTold }: Judged) {
  const rights = rightsOf(viewer, rules, granted)
  const scopes = new Set<string>(viewer.scopes)
  const isHeld = (ruleSet: RuleSet) =>
    STAGES.every((stage) => {
      const requirement = ruleSet[stage]
      return requirement === undefined || rights.holds(requirement)
    })
  const listsOf = (requirement: number | undefined, held: ReadonlySet<string>): Lists => {
    const lists = requirement === undefined ? [] : (rules.requirements[requirement]?.anyOf ?? [])
    return isTold ? lists : lists.filter((list) => satisfies(held, [list]))
  }
  return ({ coordinate, ruleSet, paths }: TouchedRight): ExplainedRight => ({
    coordinate,
    paths: [...paths].filter((path) => path !== ''),
    needs: {
      authenticated: ruleSet.authenticated !== undefined,
      scopes: listsOf(ruleSet.scopes, scopes),
      policies: listsOf(ruleSet.policies, granted),
    },
    isHeld: isHeld(ruleSet),
  })
}

const placeOf = ({ paths: [first = ''], coordinate = '' }: ExplainedRight) =>
  `${first}\0${coordinate}`

const byPlace = (one: ExplainedRight, other: ExplainedRight) =>
  placeOf(one) < placeOf(other) ? -1 : 1

/** The places that are refused when it is executed, and nothing else. */
function refusedPlaces({ removedPaths }: FilteredOperation): ExplainedRights {
  const budget = createPathBudget()
  const places = new Set<string>()
  let isWhole = true
  for (const { path } of removedPaths) {
    const text = budget.textOf(path)
    if (text !== null && places.has(text)) continue
    isWhole &&= text !== null && places.size < MOST_RIGHTS
    if (text === null || !isWhole) break
    budget.spend(text)
    places.add(text)
  }
  const rights = [...places].map((text) => ({ paths: text === '' ? [] : [text], isHeld: false }))
  return { rights, isWhole }
}

/**
 * Which rights an operation needs, and whether its asker holds them. Where rules are hidden nobody is
 * told more of what they do not hold than where it stands in what they wrote themselves.
 */
export function explainedRights(judged: Judged): ExplainedRights {
  const { loaded, operation, isTold } = judged
  const touched = touchedRights({
    ...{ schema: loaded.apiSchema, rules: loaded.rules },
    ...{ operation: operation.operation, fragments: operation.fragments },
    hidden: isTold ? null : operation.marks,
  })
  const rows = touched.rights.map(rowsFor(judged))
  if (isTold) return { rights: rows.sort(byPlace), isWhole: touched.isWhole }
  const refused = refusedPlaces(operation)
  const all = [...refused.rights, ...rows.filter(({ isHeld }) => isHeld)]
  return {
    rights: all.slice(0, MOST_RIGHTS).sort(byPlace),
    isWhole: refused.isWhole && touched.isWhole && all.length <= MOST_RIGHTS,
  }
}
