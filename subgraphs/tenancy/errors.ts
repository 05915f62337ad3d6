import { defineErrors } from '#kernel/errors.ts'

/** Refusals of tenancy. */
export const tenancyError = defineErrors({
  TENANCY_INPUT_INVALID: 'A value is not allowed: see field and expected.',
  TENANT_NOT_FOUND: 'There is no such tenant within your reach.',
  TENANT_CODE_TAKEN: 'A tenant with this code already exists.',
  TENANT_SUSPENDED: 'The tenant is suspended; nothing new can be added until it is restored.',
  TENANT_WIDE: 'This concerns the whole tenant; rights in one of its guilds are not enough.',
  PLATFORM_ONLY: 'Only the platform operator may do this.',
  GUILD_NOT_FOUND: 'There is no such guild within your reach.',
  GUILD_TAKEN: 'The guild is registered already.',
  PLACES_OF_OTHERS: 'The guilds or tenants of another user need the scope named.',
  QUOTA_NOT_FOUND: 'The tenant has no quota for this resource.',
  QUOTA_EXCEEDED: 'The quota does not allow this much more: see limit, used and resetsAt.',
  QUOTA_USE_NOT_FOUND: 'There is no use under this key that could be released.',
  FLAG_NOT_FOUND: 'The tenant has no such feature flag.',
})
