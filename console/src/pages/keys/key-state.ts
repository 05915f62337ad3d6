import type { ConsoleApiKeysQuery } from '../../gql/documents.ts'

/** One of one's own keys, as the list shows it. */
export type ApiKey = NonNullable<ConsoleApiKeysQuery['apiKeys']>['edges'][number]['node']

/** How a key stands now. */
export type KeyState = 'works' | 'ends-soon' | 'ended' | 'revoked'

const SOON_MS = 14 * 86_400_000

export function keyStateOf(
  { revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>,
  now: number,
): KeyState {
  if (revokedAt) return 'revoked'
  if (!expiresAt) return 'works'
  const leftMs = Date.parse(expiresAt) - now
  if (leftMs <= 0) return 'ended'
  return leftMs < SOON_MS ? 'ends-soon' : 'works'
}

/** Whether requests with it are still taken. */
export const isWorking = (state: KeyState): boolean => state === 'works' || state === 'ends-soon'
