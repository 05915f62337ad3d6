import { isDecimalId } from '#kernel/ids.ts'
import { builder } from '../builder.ts'

/** A row of tenancy: analytics knows its id alone. */
type Named = { id: string }

const byKey = ({ id }: Named) => (isDecimalId(id) ? { id } : null)

export const GuildType = builder.objectRef<Named>('Guild').implement({
  description: 'A Discord community of a tenant.',
  auth: { public: true },
  fields: (t) => ({ id: t.exposeID('id', { description: 'Its id at Discord.' }) }),
})

export const TenantType = builder.objectRef<Named>('Tenant').implement({
  description: 'A company on the platform: a bookmaker or community owner.',
  auth: { public: true },
  fields: (t) => ({ id: t.exposeID('id', { description: 'Its id on the platform.' }) }),
})

builder.asEntity(GuildType, { key: builder.selection<Named>('id'), resolveReference: byKey })
builder.asEntity(TenantType, { key: builder.selection<Named>('id'), resolveReference: byKey })
