import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { IdentityContext } from '../context.ts'
import { USER_STATUS, type User } from '../entities/user.ts'
import { MAY } from '../scopes.ts'

export const UserStatusEnum = builder.enumType('UserStatus', {
  description: 'Whether a person may sign in.',
  values: {
    ACTIVE: { value: USER_STATUS[0], description: 'May sign in.' },
    SUSPENDED: { value: USER_STATUS[1], description: 'May not sign in until restored.' },
  } as const,
})

/** A personal value for who may see it, else null. */
async function personal(
  user: User,
  name: 'email' | 'discordId',
  { users }: IdentityContext,
): Promise<string | null> {
  return users.maySeePersonal(user) ? (await users.personalOf(user))[name] : null
}

export const UserType = builder.objectRef<User>('User').implement({
  description:
    'A person. Everybody sees himself and those he shares a place with; what is personal only himself, signed in, and who may read users there.',
  auth: { authenticated: true },
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The person’s id.' }),
    displayName: t.string({
      nullable: true,
      description: 'What the person is called; null where it was erased or never given.',
      resolve: async (user, _args, { users }) => (await users.personalOf(user)).displayName,
    }),
    email: t.string({
      nullable: true,
      description: 'The e-mail address; null where it is not yours to see.',
      resolve: (user, _args, context) => personal(user, 'email', context),
    }),
    discordId: t.string({
      nullable: true,
      description: 'The Discord account; null where it is not yours to see.',
      resolve: (user, _args, context) => personal(user, 'discordId', context),
    }),
    status: t.field({
      type: UserStatusEnum,
      nullable: true,
      description: 'Whether the person may sign in; null where it is not yours to see.',
      resolve: (user, _args, { users }) => (users.maySeePersonal(user) ? user.status : null),
    }),
    createdAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the account was made; null where it is not yours to see.',
      resolve: (user, _args, { users }) => (users.maySeePersonal(user) ? user.createdAt : null),
    }),
    guildIds: t.idList({
      description: 'Guilds in which the person is known, of those you reach; at most 200.',
      resolve: async ({ id }, _args, { userPlaces }) => (await userPlaces.ofUser(id)).guildIds,
    }),
    tenantIds: t.idList({
      description: 'Tenants in which the person is known, of those you reach; at most 200.',
      resolve: async ({ id }, _args, { userPlaces }) => (await userPlaces.ofUser(id)).tenantIds,
    }),
  }),
})

builder.asEntity(UserType, {
  key: builder.selection<{ id: string }>('id'),
  resolveReference: ({ id }, { users }) => users.byId(id),
})

export const UserConnection = builder.connectionObject({ type: UserType, name: 'UserConnection' })

const UserWhere = createWhereInput(builder, 'UserWhere', {
  id: 'ID',
  status: UserStatusEnum as never,
  createdAt: 'DateTime',
})

const UserOrder = createOrderInput(builder, 'UserOrder', { CREATED_AT: 'createdAt' })

builder.queryFields((t) => ({
  me: t.field({
    type: UserType,
    nullable: true,
    auth: { authenticated: true },
    description: 'Whoever asks.',
    resolve: (_root, _args, { viewer, users }) =>
      viewer.userId === null ? null : users.byId(viewer.userId),
  }),
  user: t.field({
    type: UserType,
    nullable: true,
    auth: { authenticated: true },
    description: 'One person whom you may see.',
    args: { id: t.arg.id({ required: true, description: 'The person’s id.' }) },
    resolve: (_root, { id }, { users }) => users.byId(id),
  }),
  users: t.connection(
    {
      type: UserType,
      nullable: true,
      auth: MAY.readUsers,
      description: 'The people within reach.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: UserWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [UserOrder], description: 'In which order; by id at last.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { users }) =>
        toConnection(await users.list({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    UserConnection,
  ),
}))
