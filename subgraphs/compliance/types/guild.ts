import { isDecimalId } from '#kernel/ids.ts'
import { builder } from '../builder.ts'

/** A row of tenancy: compliance knows its id alone. */
type Named = { id: string }

export const GuildType = builder.objectRef<Named>('Guild').implement({
  description: 'A Discord community of a tenant.',
  auth: { public: true },
  fields: (t) => ({ id: t.exposeID('id', { description: 'Its id at Discord.' }) }),
})

builder.asEntity(GuildType, {
  key: builder.selection<Named>('id'),
  resolveReference: ({ id }: Named) => (isDecimalId(id) ? { id } : null),
})
