import type { Problem } from '../../api/problem.ts'

/** The field of a form that a refusal is about, and what to change there. */
export type RefusedField = { name: string; text: string }

/** Refusals that are about one field without saying so. */
const FIELDS: Readonly<Record<string, RefusedField>> = {
  TENANT_CODE_TAKEN: { name: 'code', text: 'Another tenant has this code. Choose another.' },
  GUILD_TAKEN: {
    name: 'guildId',
    text: 'This guild is registered already. Check the id; if it is right, ask the platform operator.',
  },
}

function fieldOf({ code, details }: Problem): RefusedField | null {
  const known = FIELDS[code]
  if (known) return known
  const { field, expected } = details
  if (code !== 'TENANCY_INPUT_INVALID' || typeof field !== 'string') return null
  return { name: field, text: `Give ${typeof expected === 'string' ? expected : 'another value'}.` }
}

/** Where in a form a refusal belongs; null where it concerns the whole. */
export function refusedField(
  problem: Problem | null,
  names: readonly string[],
): RefusedField | null {
  const field = problem ? fieldOf(problem) : null
  return field && names.includes(field.name) ? field : null
}
