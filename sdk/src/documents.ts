/** What codegen for GraphQL writes onto a document so that TypeScript knows its result and variables. */
export type Typed<Result, Variables> = {
  readonly __apiType?: (variables: Variables) => Result
}

/** The text of an operation that knows its types. */
export type TypedText<Result, Variables> = string & Typed<Result, Variables>
