import { collectCatalogues } from '../pages/errors-page.ts'
import { GENERATED } from './header.ts'

/** Every stable code of the catalogues, in order, as `docs/errors.md` lists them. */
export async function collectErrorCodes(): Promise<string[]> {
  const catalogues = await collectCatalogues()
  return [...new Set(catalogues.flatMap(({ codes }) => Object.keys(codes)))].sort()
}

/** The codes as a list and as a type. */
export function renderErrorCodes(codes: readonly string[]): string {
  return `${GENERATED}
/** Every stable code with which the platform refuses: docs/errors.md says what each means. */
export const ERROR_CODES = [
${codes.map((code) => `  '${code}',`).join('\n')}
] as const

/** A stable code of the platform. */
export type ErrorCode = (typeof ERROR_CODES)[number]
`
}
