import type { PlainText, TypedDocument } from './documents.ts'
import type { DbsbmError } from './errors.ts'

/** What one call may wish. */
export type AskOptions = {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** How often it is repeated where it failed in passing. */
  readonly retries?: number
  /** `true` takes what there is, with what went wrong beside it; else any error is thrown. */
  readonly partial?: boolean
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** What one change may wish: one alone with an `idempotencyKey` may be sent twice, unless said otherwise. */
export type ChangeOptions = AskOptions & { readonly idempotent?: boolean }

/** An answer that may lack parts. */
export type Partially<Result> = {
  readonly data: Result | null
  /** What went wrong; null where nothing did. */
  readonly failure: DbsbmError | null
}

/** Variables and options, of which the variables may be left out where none is needed. */
export type Wishes<Variables, Options> =
  Record<never, never> extends Variables
    ? [variables?: Variables, options?: Options]
    : [variables: Variables, options?: Options]

type Whole<Options> = Omit<Options, 'partial'> & { readonly partial?: false }
type Parts<Options> = Options & { readonly partial: true }
type AnyVariables = Readonly<Record<string, unknown>>

/** Asks by a document: typed where the document is, else as the caller says. @throws DbsbmError */
export type Ask<Options extends AskOptions> = {
  <Result = unknown>(
    text: PlainText,
    variables: AnyVariables,
    options: Parts<Options>,
  ): Promise<Partially<Result>>
  <Result = unknown>(
    text: PlainText,
    variables?: AnyVariables,
    options?: Whole<Options>,
  ): Promise<Result>
  <Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    options: Parts<Options>,
  ): Promise<Partially<Result>>
  // Last, as the compiler tells what is wrong by the last.
  <Result, Variables>(
    document: TypedDocument<Result, Variables>,
    ...wishes: Wishes<Variables, Whole<Options>>
  ): Promise<Result>
}
