import type { Parser } from './parsers.ts'

/** One row of the table of settings. */
export type Setting<T = unknown, Fallback extends string | null = string | null> = {
  parser: Parser<T>
  /** Text that stands when nothing is given; null: none, or it depends on mode and role (see `doc`). */
  fallback: Fallback
  /** One or two sentences for the operator's manual. */
  doc: string
  /** A secret is never quoted in a refusal and may also be given as a file: `<NAME>_FILE`. */
  isSecret: boolean
  /** Name of the command line flag that says the same, without `--`. */
  flag: string | null
}

type Row<Fallback> = { fallback: Fallback; doc: string; isSecret?: boolean; flag?: string }

/** A row with what most rows have. */
export function setting<T, const Fallback extends string | null>(
  parser: Parser<T>,
  row: Row<Fallback>,
): Setting<T, Fallback> {
  return { isSecret: false, flag: null, ...row, parser }
}
