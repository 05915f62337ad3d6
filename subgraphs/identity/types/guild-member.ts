import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { builder } from '../builder.ts'
import type { GuildMember } from '../entities/guild-member.ts'
import { MAY } from '../scopes.ts'
import { UserType } from './user.ts'

const GuildType = builder.objectRef<{ id: string }>('Guild').implement({
  description: 'A Discord community; tenancy knows it, identity knows who is in it.',
  auth: { public: true },
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id at Discord.' }),
    viewerIsMember: t.boolean({
      nullable: true,
      auth: { authenticated: true },
      description: 'Whether whoever asks is a member.',
      resolve: ({ id }, _args, { members }) => members.isViewerIn(id),
    }),
  }),
})

builder.asEntity(GuildType, {
  key: builder.selection<{ id: string }>('id'),
  resolveReference: ({ id }) => ({ id }),
})

const TenantType = builder.objectRef<{ id: string }>('Tenant').implement({
  description: 'A company on the platform; tenancy knows it, identity knows its people.',
  auth: { public: true },
  fields: (t) => ({ id: t.exposeID('id', { description: 'Its id on the platform.' }) }),
})

builder.asEntity(TenantType, {
  key: builder.selection<{ id: string }>('id'),
  resolveReference: ({ id }) => ({ id }),
})

export const GuildMemberType = builder.objectRef<GuildMember>('GuildMember').implement({
  description: 'A person in a guild.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The membership’s id.' }),
    userId: t.exposeID('userId', { description: 'Who.' }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Who.',
      resolve: ({ userId }, _args, { users }) => users.byId(userId),
    }),
    guild: t.field({
      type: GuildType,
      description: 'Where.',
      resolve: ({ guildId }) => ({ id: guildId }),
    }),
    joinedAt: t.field({
      type: 'DateTime',
      description: 'Since when.',
      resolve: ({ joinedAt }) => joinedAt,
    }),
  }),
})

const GuildMemberConnection = builder.connectionObject({
  type: GuildMemberType,
  name: 'GuildMemberConnection',
})

builder.objectField(GuildType, 'members', (t) =>
  t.connection(
    {
      type: GuildMemberType,
      nullable: true,
      auth: MAY.readMembers,
      description: 'Its members within reach, forward by id.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { members }) =>
        toConnection(await members.ofGuild(id, toForwardPage(page))),
    },
    GuildMemberConnection,
  ),
)

builder.objectField(TenantType, 'members', (t) =>
  t.connection(
    {
      type: GuildMemberType,
      nullable: true,
      auth: MAY.readMembers,
      description: 'The members of its guilds within reach, forward by id.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { members }) =>
        toConnection(await members.ofTenant(id, toForwardPage(page))),
    },
    GuildMemberConnection,
  ),
)

const AddGuildMemberInput = builder.inputType('AddGuildMemberInput', {
  description: 'A guild and a person, by id or by address.',
  fields: (t) => ({
    guildId: t.id({ required: true, description: 'Which guild.' }),
    userId: t.id({ description: 'Someone whom you see already.' }),
    email: t.string({ description: 'The address of anybody with an account.' }),
  }),
})

const RemoveGuildMemberInput = builder.inputType('RemoveGuildMemberInput', {
  description: 'A guild and a person.',
  fields: (t) => ({
    guildId: t.id({ required: true, description: 'Which guild.' }),
    userId: t.id({ required: true, description: 'Who leaves it.' }),
  }),
})

builder.mutationFields((t) => ({
  addGuildMember: t.field({
    type: GuildMemberType,
    nullable: true,
    auth: MAY.writeMembers,
    description: 'Makes a person a member of a guild.',
    args: { input: t.arg({ type: AddGuildMemberInput, required: true, description: 'Who.' }) },
    resolve: (_root, { input }, { members }) =>
      members.add({
        guildId: input.guildId,
        userId: input.userId ?? null,
        email: input.email ?? null,
      }),
  }),
  removeGuildMember: t.field({
    type: GuildMemberType,
    nullable: true,
    auth: { authenticated: true },
    description: 'Ends a membership: yours, or with `members:write` another’s within reach.',
    args: { input: t.arg({ type: RemoveGuildMemberInput, required: true, description: 'Whose.' }) },
    resolve: (_root, { input: { guildId, userId } }, { members }) =>
      members.remove({ guildId, userId }),
  }),
}))
