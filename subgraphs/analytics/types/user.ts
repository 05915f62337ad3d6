import { isDecimalId } from '#kernel/ids.ts'
import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'

/** A person of identity: analytics knows the id alone. */
export const UserType = builder.objectRef<{ id: string }>('User').implement({
  description: 'A person, known to identity.',
  auth: MAY.authenticated,
  fields: (t) => ({ id: t.exposeID('id', { description: 'The person’s id.' }) }),
})

builder.asEntity(UserType, {
  key: builder.selection<{ id: string }>('id'),
  resolveReference: ({ id }) => (isDecimalId(id) ? { id } : null),
})
