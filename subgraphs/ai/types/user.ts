import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { builder } from '../builder.ts'
import { ConversationConnection, ConversationTurnType } from './conversation.ts'

/** A row of identity: ai knows its id alone. */
type Named = { id: string }

const UserType = builder.objectRef<Named>('User').implement({
  description: 'A person, known to identity.',
  auth: { authenticated: true },
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The person’s id.' }),
    conversations: t.connection(
      {
        type: ConversationTurnType,
        nullable: true,
        auth: { authenticated: true },
        description:
          'What they said to the assistant, newest first: all to themselves, to others with conversations:read that within reach.',
        listSize: CONNECTION_SIZE,
        resolve: async ({ id }, page, { conversations }) =>
          toConnection(await conversations.page({ userId: id, page })),
      },
      ConversationConnection,
    ),
  }),
})

builder.asEntity(UserType, {
  key: builder.selection<Named>('id'),
  resolveReference: ({ id }) => (isDecimalId(id) ? { id } : null),
})
