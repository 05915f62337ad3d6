import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { UserRole } from '../entities/user-role.ts'
import { MAY } from '../scopes.ts'
import { RoleType } from './role.ts'
import { UserType } from './user.ts'

export const UserRoleType = builder.objectRef<UserRole>('UserRole').implement({
  description: 'A role given to a person, somewhere, until some time.',
  auth: MAY.readRoles,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    userId: t.exposeID('userId', { description: 'Who holds it.' }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Who holds it.',
      resolve: ({ userId }, _args, { users }) => users.byId(userId),
    }),
    role: t.field({
      type: RoleType,
      nullable: true,
      description: 'What is held.',
      resolve: ({ roleId }, _args, { roles }) => roles.byId(roleId),
    }),
    tenantId: t.exposeID('tenantId', {
      nullable: true,
      description: 'The tenant in which; null for the whole platform.',
    }),
    guildId: t.exposeID('guildId', {
      nullable: true,
      description: 'The guild in which; null for all of the tenant or platform.',
    }),
    assignedBy: t.exposeID('assignedBy', {
      nullable: true,
      description: 'Who gave it; null for the platform itself.',
    }),
    assignedAt: t.field({
      type: 'DateTime',
      description: 'Since when.',
      resolve: ({ assignedAt }) => assignedAt,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when; null for no end.',
      resolve: ({ expiresAt }) => expiresAt ?? null,
    }),
  }),
})

const UserRoleConnection = builder.connectionObject({
  type: UserRoleType,
  name: 'UserRoleConnection',
})

const UserRoleWhere = createWhereInput(builder, 'UserRoleWhere', {
  userId: 'ID',
  roleId: 'ID',
  tenantId: 'ID',
  guildId: 'ID',
  expiresAt: 'DateTime',
})

const UserRoleOrder = createOrderInput(builder, 'UserRoleOrder', { ASSIGNED_AT: 'assignedAt' })

const GrantRoleInput = builder.inputType('GrantRoleInput', {
  description: 'A role, a person and a place.',
  fields: (t) => ({
    userId: t.id({ required: true, description: 'To whom; someone whom you see.' }),
    roleId: t.id({ required: true, description: 'What; nothing above your own rights.' }),
    tenantId: t.id({ description: 'In which tenant; absent: where you have signed in for.' }),
    guildId: t.id({ description: 'In which guild.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when; absent: without end.' }),
  }),
})

const RevokeRoleInput = builder.inputType('RevokeRoleInput', {
  description: 'Names an assignment.',
  fields: (t) => ({ userRoleId: t.id({ required: true, description: 'Its id.' }) }),
})

builder.queryField('userRoles', (t) =>
  t.connection(
    {
      type: UserRoleType,
      nullable: true,
      auth: MAY.readRoles,
      description: 'Who holds which role, within reach.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: UserRoleWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [UserRoleOrder], description: 'In which order; by id at last.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { roleAssignments }) =>
        toConnection(
          await roleAssignments.list({ where, orderBy: toPageOrder(orderBy, []), page }),
        ),
    },
    UserRoleConnection,
  ),
)

builder.mutationFields((t) => ({
  grantRole: t.field({
    type: UserRoleType,
    nullable: true,
    auth: MAY.writeRoles,
    description: 'Gives a role; nobody gives what he does not hold himself.',
    args: { input: t.arg({ type: GrantRoleInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { roleAssignments }) =>
      roleAssignments.grant({
        userId: input.userId,
        roleId: input.roleId,
        tenantId: input.tenantId ?? null,
        guildId: input.guildId ?? null,
        expiresAt: input.expiresAt ?? null,
      }),
  }),
  revokeRole: t.field({
    type: UserRoleType,
    nullable: true,
    auth: MAY.writeRoles,
    description: 'Takes a role back; the person’s tokens end at once.',
    args: { input: t.arg({ type: RevokeRoleInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { roleAssignments }) => roleAssignments.revoke(input.userRoleId),
  }),
}))
