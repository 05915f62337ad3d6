/** Bounds on what one operation may be. */
export type OperationLimits = {
  bodyBytes: number
  tokens: number
  depth: number
  aliases: number
  /** Of all fields, fragments and the operation together. */
  directives: number
  /** At one place of a document. */
  directivesAtOnce: number
  /** Variables of one operation. */
  variables: number
  /** Lists and objects within each other, in arguments. */
  inputDepth: number
  fragments: number
  /** Fields with parts whose name stands in the same selection already. */
  repeats: number
  rootFields: number
  /** Fields after all fragments are spread, introspection aside. */
  height: number
  /** Questions about the schema in one operation. */
  introspections: number
  /** Lists of types or fields within each other in such a question: that of all tools has two. */
  introspectionLists: number
  introspectionDepth: number
}

/** The bounds of a gateway that nobody configured. */
export const defaultLimits: OperationLimits = {
  bodyBytes: 1_048_576,
  tokens: 15_000,
  depth: 15,
  aliases: 50,
  directives: 100,
  directivesAtOnce: 10,
  variables: 200,
  inputDepth: 20,
  fragments: 200,
  repeats: 100,
  rootFields: 20,
  height: 2_000,
  introspections: 4,
  introspectionLists: 2,
  introspectionDepth: 20,
}
