import { isDecimalId } from '#kernel/ids.ts'
import { builder } from '../builder.ts'

/** A row of tenancy: compliance knows its id alone. */
type Named = { id: string }

/** A reference to what may be absent. */
export const idOrNull = (id: string | null | undefined): Named | null =>
  id == null ? null : { id }

export const TenantType = builder.objectRef<Named>('Tenant').implement({
  description: 'A company on the platform: a bookmaker or community owner.',
  auth: { public: true },
  fields: (t) => ({ id: t.exposeID('id', { description: 'Its id on the platform.' }) }),
})

builder.asEntity(TenantType, {
  key: builder.selection<Named>('id'),
  resolveReference: ({ id }: Named) => (isDecimalId(id) ? { id } : null),
})
