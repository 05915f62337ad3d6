import { type GraphQLInputType, isNonNullType } from 'graphql'
import type { Chance } from './chance.ts'
import { type InputValue, inputValue } from './input-values.ts'

type Declared = { definition: string; value: unknown }

/** Variables of one document, made up where they are used. */
export type RandomVariables = {
  /** A value of an argument: written out, or partly or wholly given by variables. */
  argument: (type: GraphQLInputType, hasDefault: boolean) => string
  /** `true`, or a variable that may say either. */
  condition: () => string
  /** What an operation declares that uses these names. */
  definitions: (names: Iterable<string>) => string
  /** As the client sends them. */
  values: () => Record<string, unknown>
}

const ABSENT = Symbol('absent')

/** `Int` may be given by `Int!`, and `Int!` by `Int = 3`. */
function typeOfVariable(chance: Chance, type: GraphQLInputType, mayBeNull: boolean) {
  if (isNonNullType(type))
    return mayBeNull && chance.oneIn(2)
      ? { text: String(type.ofType), isNullable: true, mustHaveValue: true }
      : { text: String(type), isNullable: false, mustHaveValue: true }
  return chance.oneIn(4)
    ? { text: `${type}!`, isNullable: false, mustHaveValue: true }
    : { text: String(type), isNullable: true, mustHaveValue: false }
}

/** Makes up variables. */
export function createRandomVariables(chance: Chance): RandomVariables {
  const declared = new Map<string, Declared>()
  const plain = (type: GraphQLInputType) =>
    inputValue({ chance, depth: 2, written: (_type, { literal }) => literal }, type)

  const declare = (type: GraphQLInputType, given: InputValue): string => {
    const name = `v${declared.size}`
    const chosen = typeOfVariable(chance, type, true)
    const needsDefault = chosen.isNullable && chosen.mustHaveValue
    const fallback = needsDefault || chance.oneIn(3) ? plain(type) : null
    const usable = fallback?.literal === 'null' && !chosen.isNullable ? null : fallback
    const isOmitted = (usable !== null || chosen.isNullable) && chance.oneIn(3)
    const ofNonNull = chosen.text.endsWith('!') && given.json === null ? plain(type) : given
    const value = ofNonNull.json === null && chosen.text.endsWith('!') ? ABSENT : ofNonNull.json
    if (value === ABSENT) return given.literal
    const text = `$${name}: ${chosen.text}${usable ? ` = ${usable.literal}` : ''}`
    declared.set(name, { definition: text, value: isOmitted ? ABSENT : value })
    return `$${name}`
  }
  const written = (type: GraphQLInputType, value: InputValue): string =>
    chance.oneIn(12) ? declare(type, value) : value.literal

  return {
    argument: (type) => {
      const value = inputValue({ chance, depth: 2, written }, type)
      return chance.oneIn(3) ? declare(type, plain(type)) : value.literal
    },
    condition: () => {
      if (chance.oneIn(3)) return chance.of(['true', 'false'])
      const known = [...declared.entries()].filter(([, { definition }]) =>
        / Boolean!/.test(definition),
      )
      const [again] = known
      if (again && chance.oneIn(2)) return `$${again[0]}`
      const name = `v${declared.size}`
      declared.set(name, { definition: `$${name}: Boolean!`, value: chance.oneIn(2) })
      return `$${name}`
    },
    definitions: (names) => {
      const used = [...new Set(names)].flatMap((name) => declared.get(name)?.definition ?? [])
      return used.length > 0 ? `(${used.join(', ')})` : ''
    },
    values: () =>
      Object.fromEntries(
        [...declared].flatMap(([name, { value }]) => (value === ABSENT ? [] : [[name, value]])),
      ),
  }
}
