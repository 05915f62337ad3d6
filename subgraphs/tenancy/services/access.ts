import type { Viewer } from '#kernel/auth/viewer.ts'
import { tenancyError } from '../errors.ts'

/** @throws PLATFORM_ONLY */
export function requirePlatform({ reach }: Viewer): void {
  if (reach.kind !== 'platform') throw tenancyError('PLATFORM_ONLY')
}

/** Rights in one guild do not reach what all guilds of the tenant share. @throws TENANT_WIDE */
export function requireWholeTenant({ reach }: Viewer): void {
  if (reach.kind === 'guild') throw tenancyError('TENANT_WIDE')
}
