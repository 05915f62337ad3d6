import {
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql'
import type { Chance } from './chance.ts'

/** A value in two forms: as a document writes it and as variables carry it. */
export type InputValue = { literal: string; json: unknown }

const of = (json: unknown, literal = JSON.stringify(json)): InputValue => ({ literal, json })

const TEXTS = ['', 'a', 'ä "b" \\ €', 'line\nbreak', '$notAVariable', '😀']

const CUSTOM: readonly InputValue[] = [
  of('noon'),
  of(7),
  of(-1.5),
  of(true),
  of([1, null, 'x'], '[1, null, "x"]'),
  of({ a: { b: [] }, c: 'd' }, '{ a: { b: [] }, c: "d" }'),
]

function scalarValue(chance: Chance, name: string): InputValue {
  switch (name) {
    case 'Int':
      return of(chance.below(2001) - 1000)
    case 'Float':
      return of(chance.of([0, 1, -2.5, 1e3, 0.125]))
    case 'Boolean':
      return of(chance.oneIn(2))
    case 'ID':
      return chance.oneIn(4) ? of(chance.below(99)) : of(`id-${chance.below(99)}`)
    case 'String':
      return textValue(chance)
    default:
      return chance.of(CUSTOM)
  }
}

function textValue(chance: Chance): InputValue {
  if (chance.oneIn(8)) return of('a block', '"""\n    a block\n  """')
  return of(chance.of(TEXTS))
}

/** How a document says a part of a value differently, such as by a variable. */
export type Written = (type: GraphQLInputType, value: InputValue, hasDefault: boolean) => string

type Site = { chance: Chance; depth: number; written: Written }

function listValue(site: Site, of: GraphQLInputType): InputValue {
  const { chance, written } = site
  if (chance.oneIn(5)) {
    // A single item stands for a list of it; null stands for no list.
    const single = inputValue(site, of)
    if (single.json !== null && !Array.isArray(single.json)) return single
  }
  const items = Array.from({ length: chance.below(3) }, () => inputValue(site, of))
  return {
    json: items.map(({ json }) => json),
    literal: `[${items.map((item) => written(of, item, false)).join(', ')}]`,
  }
}

function isChosen({ chance, depth }: Site, field: GraphQLInputField): boolean {
  return isRequiredInputField(field) || (depth > 0 && chance.oneIn(2))
}

function objectValue(site: Site, fields: readonly GraphQLInputField[]): InputValue {
  const inner = { ...site, depth: site.depth - 1 }
  const chosen = fields.filter((field) => isChosen(site, field))
  const parts = chosen.map((field) => ({ field, value: inputValue(inner, field.type) }))
  const written = ({ field, value }: (typeof parts)[number]) =>
    `${field.name}: ${site.written(field.type, value, field.defaultValue !== undefined)}`
  return {
    json: Object.fromEntries(parts.map(({ field, value }) => [field.name, value.json])),
    literal: `{ ${parts.map(written).join(', ')} }`,
  }
}

function namedValue(site: Site, type: GraphQLNamedInputType): InputValue {
  if (isInputObjectType(type)) return objectValue(site, Object.values(type.getFields()))
  if (!isEnumType(type)) return scalarValue(site.chance, type.name)
  const { name } = site.chance.of(type.getValues())
  return of(name, name)
}

/** A value that a type takes. */
export function inputValue(site: Site, type: GraphQLInputType): InputValue {
  if (isNonNullType(type)) return presentValue(site, type.ofType)
  return site.chance.oneIn(9) ? of(null) : presentValue(site, type)
}

function presentValue(site: Site, type: GraphQLInputType): InputValue {
  if (isNonNullType(type)) return presentValue(site, type.ofType)
  return isListType(type) ? listValue(site, type.ofType) : namedValue(site, type)
}
