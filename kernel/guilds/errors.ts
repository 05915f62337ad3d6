import { defineErrors } from '../errors.ts'

export const guildsError = defineErrors({
  GUILD_DELIVERY_INVALID:
    'A delivery of another service does not say which guild belongs to which tenant.',
})
