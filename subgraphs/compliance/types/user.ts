import { isDecimalId } from '#kernel/ids.ts'
import { builder } from '../builder.ts'

/** A person of identity: compliance knows their id alone. */
type Named = { id: string }

export const UserType = builder.objectRef<Named>('User').implement({
  description: 'A person, known to identity.',
  auth: { authenticated: true },
  fields: (t) => ({ id: t.exposeID('id', { description: 'The person’s id.' }) }),
})

builder.asEntity(UserType, {
  key: builder.selection<Named>('id'),
  resolveReference: ({ id }: Named) => (isDecimalId(id) ? { id } : null),
})
