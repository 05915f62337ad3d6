import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { builder } from '../builder.ts'
import type { Session } from '../entities/session.ts'
import { MAY } from '../scopes.ts'

export const SessionType = builder.objectRef<Session>('Session').implement({
  description: 'One sign-in of a person.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    userId: t.exposeID('userId', { description: 'Whose it is.' }),
    tenantId: t.exposeID('tenantId', { nullable: true, description: 'The tenant it is for.' }),
    guildId: t.exposeID('guildId', { nullable: true, description: 'The guild it is for.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it began.',
      resolve: ({ createdAt }) => createdAt,
    }),
    lastUsedAt: t.field({
      type: 'DateTime',
      description: 'When its tokens were last refreshed.',
      resolve: ({ lastUsedAt }) => lastUsedAt,
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was ended; null while it is not.',
      resolve: ({ endedAt }) => endedAt ?? null,
    }),
    isThis: t.boolean({
      description: 'Whether it is the one that asks.',
      resolve: ({ id }, _args, { viewer }) => viewer.sessionId === id,
    }),
  }),
})

const SessionConnection = builder.connectionObject({
  type: SessionType,
  name: 'SessionConnection',
})

const SignOutInput = builder.inputType('SignOutInput', {
  description: 'Nothing need be said.',
  fields: (t) => ({
    sessionId: t.id({ description: 'One of your own sessions; this one if absent.' }),
  }),
})

const RevokeSessionInput = builder.inputType('RevokeSessionInput', {
  description: 'Names a session.',
  fields: (t) => ({ sessionId: t.id({ required: true, description: 'Which.' }) }),
})

const RevokeUserSessionsInput = builder.inputType('RevokeUserSessionsInput', {
  description: 'Names a person.',
  fields: (t) => ({ userId: t.id({ required: true, description: 'Whose sessions.' }) }),
})

const RevokedSessions = builder
  .objectRef<{ userId: string; count: number }>('RevokedSessions')
  .implement({
    description: 'What ended.',
    fields: (t) => ({
      userId: t.exposeID('userId', { description: 'Whose sessions.' }),
      count: t.exposeInt('count', { description: 'How many were live.' }),
    }),
  })

builder.queryField('sessions', (t) =>
  t.connection(
    {
      type: SessionType,
      nullable: true,
      auth: { authenticated: true },
      description: 'Your sessions, newest first; those of others with `sessions:read`.',
      listSize: CONNECTION_SIZE,
      args: { userId: t.arg.id({ description: 'Whose; yours if absent.' }) },
      resolve: async (_root, { userId, ...page }, { sessions, viewer }) =>
        toConnection(await sessions.list(userId ?? viewer.userId ?? '', page)),
    },
    SessionConnection,
  ),
)

builder.mutationFields((t) => ({
  signOut: t.field({
    type: SessionType,
    nullable: true,
    auth: { authenticated: true },
    description: 'Ends your session and all of its tokens.',
    args: { input: t.arg({ type: SignOutInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { sessions }) =>
      input.sessionId == null ? sessions.signOut() : sessions.revoke(input.sessionId),
  }),
  revokeSession: t.field({
    type: SessionType,
    nullable: true,
    auth: { authenticated: true },
    description: 'Ends a session: yours, or with `sessions:revoke` another’s within reach.',
    args: { input: t.arg({ type: RevokeSessionInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { sessions }) => sessions.revoke(input.sessionId),
  }),
  revokeUserSessions: t.field({
    type: RevokedSessions,
    nullable: true,
    auth: MAY.revokeSessions,
    description: 'Ends all sessions of a person within reach.',
    args: {
      input: t.arg({ type: RevokeUserSessionsInput, required: true, description: 'Whose.' }),
    },
    resolve: (_root, { input }, { sessions }) => sessions.revokeAllOf(input.userId),
  }),
}))
