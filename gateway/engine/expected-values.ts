import {
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import type { SelectedField } from './selected-fields.ts'
import type { Selections } from './selections.ts'

/** A field of a type, and what is selected of whatever object stands there. */
export type FieldPlace = { parent: GraphQLCompositeType; name: string; inside: Selections }

/** What a place of an answer expects, step by step, as a walker reads it. */
export type Expected = { place: FieldPlace } & (
  | { kind: 'nonNull'; of: Expected }
  | { kind: 'list'; of: Expected }
  | { kind: 'leaf'; isValid: (value: unknown) => boolean }
  | {
      kind: 'composite'
      type: GraphQLCompositeType
      isObject: boolean
      /** By the type of the object, as far as they were collected. */
      fields: Map<string, readonly SelectedField[]>
    }
)

const IS_VALID_LEAF: Readonly<Record<string, (value: unknown) => boolean>> = {
  // 32 bits, or a field error: the specification, 3.5.1.
  Int: (value) => typeof value === 'number' && (value | 0) === value,
  Float: (value) => typeof value === 'number',
  Boolean: (value) => typeof value === 'boolean',
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string' || Number.isInteger(value),
}

/** Scalars of a platform's own are its subgraphs' to word. */
const isAnything = () => true

function leafCheck(type: GraphQLLeafType): (value: unknown) => boolean {
  if (!isEnumType(type)) return IS_VALID_LEAF[type.name] ?? isAnything
  return (value) => typeof value === 'string' && type.getValue(value) !== undefined
}

/** What a value of a type has to be at a place. */
export function expectedAt(place: FieldPlace, type: GraphQLOutputType): Expected {
  if (isNonNullType(type)) return { place, kind: 'nonNull', of: expectedAt(place, type.ofType) }
  if (isListType(type)) return { place, kind: 'list', of: expectedAt(place, type.ofType) }
  if (isLeafType(type)) return { place, kind: 'leaf', isValid: leafCheck(type) }
  return { place, kind: 'composite', type, isObject: isObjectType(type), fields: new Map() }
}
