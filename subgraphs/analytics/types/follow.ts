import { toForwardPage } from '#kernel/db/batches.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { builder } from '../builder.ts'
import type { CompetitionFollow } from '../entities/competition-follow.ts'
import { MAY } from '../scopes.ts'
import { FixtureConnection, FixtureType, FixtureWhere } from './fixture.ts'
import { GuildType, TenantType } from './place.ts'

const FollowType = builder.objectRef<CompetitionFollow>('CompetitionFollow').implement({
  description: 'A tenant, or one of its guilds, follows a competition.',
  shares: 'tenant',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    competition: t.exposeString('competition', { description: 'What is followed.' }),
    tenant: t.field({
      type: TenantType,
      description: 'Whose follow it is.',
      resolve: ({ tenantId }) => ({ id: tenantId }),
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'The guild that follows; null when the tenant itself does.',
      resolve: ({ guildId }) => (guildId == null ? null : { id: guildId }),
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'Since when.',
      resolve: ({ createdAt }) => createdAt,
    }),
  }),
})

const FollowConnection = builder.connectionObject({
  type: FollowType,
  name: 'CompetitionFollowConnection',
})

builder.objectFields(GuildType, (t) => ({
  follows: t.connection(
    {
      type: FollowType,
      nullable: true,
      auth: MAY.readFollows,
      shares: 'tenant',
      description: 'The competitions it follows; forward only.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { follows }) =>
        toConnection(await follows.ofGuild(id, toForwardPage(page))),
    },
    FollowConnection,
  ),
  fixtures: t.connection(
    {
      type: FixtureType,
      nullable: true,
      auth: MAY.readFixtures,
      shares: 'tenant',
      description: 'The fixtures of the competitions it follows, by id; forward only.',
      listSize: CONNECTION_SIZE,
      args: { where: t.arg({ type: FixtureWhere, description: 'Which of them.' }) },
      resolve: async ({ id }, { where, ...page }, { followedFixtures }) =>
        toConnection(await followedFixtures.ofGuild(id, { where, page: toForwardPage(page) })),
    },
    FixtureConnection,
  ),
}))

builder.objectFields(TenantType, (t) => ({
  follows: t.connection(
    {
      type: FollowType,
      nullable: true,
      auth: MAY.readFollows,
      shares: 'tenant',
      description: 'The competitions it follows itself, its guilds aside; forward only.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { follows }) =>
        toConnection(await follows.ofTenant(id, toForwardPage(page))),
    },
    FollowConnection,
  ),
  fixtures: t.connection(
    {
      type: FixtureType,
      nullable: true,
      auth: MAY.readFixtures,
      shares: 'tenant',
      description: 'The fixtures of the competitions it follows itself, by id; forward only.',
      listSize: CONNECTION_SIZE,
      args: { where: t.arg({ type: FixtureWhere, description: 'Which of them.' }) },
      resolve: async ({ id }, { where, ...page }, { followedFixtures }) =>
        toConnection(await followedFixtures.ofTenant(id, { where, page: toForwardPage(page) })),
    },
    FixtureConnection,
  ),
}))

const FollowInput = builder.inputType('FollowCompetitionInput', {
  description: 'Who follows what.',
  fields: (t) => ({
    competition: t.string({ required: true, description: 'As its feed calls it.' }),
    guildId: t.id({ description: 'The guild that follows; absent for the tenant itself.' }),
    tenantId: t.id({ description: 'The tenant; absent for your own.' }),
  }),
})

builder.mutationFields((t) => ({
  followCompetition: t.field({
    type: FollowType,
    nullable: true,
    auth: MAY.writeFollows,
    description: 'Follows a competition; what is followed already stays as it is.',
    args: { input: t.arg({ type: FollowInput, required: true, description: 'Who and what.' }) },
    resolve: (_root, { input }, { follows }) => follows.follow(input),
  }),
  unfollowCompetition: t.field({
    type: FollowType,
    nullable: true,
    auth: MAY.writeFollows,
    description: 'Ends a follow and returns it; null when there was none.',
    args: { input: t.arg({ type: FollowInput, required: true, description: 'Who and what.' }) },
    resolve: (_root, { input }, { follows }) => follows.unfollow(input),
  }),
}))
