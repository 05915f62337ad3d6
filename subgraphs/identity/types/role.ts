import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { Role } from '../entities/role.ts'
import { MAY } from '../scopes.ts'

export const RoleType = builder.objectRef<Role>('Role').implement({
  description: 'A named set of permissions.',
  auth: MAY.readRoles,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    name: t.exposeString('name', { description: 'What it is called.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it is for.' }),
    permissions: t.exposeStringList('permissions', {
      description: 'What it gives: `resource:action`, `resource:*` or `*:*`.',
    }),
    tenantId: t.exposeID('tenantId', {
      nullable: true,
      description: 'The tenant whose own it is; null for a role of the platform.',
    }),
    isActive: t.exposeBoolean('isActive', { description: 'Whether it gives anything now.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was made.',
      resolve: ({ createdAt }) => createdAt,
    }),
  }),
})

builder.asEntity(RoleType, {
  key: builder.selection<{ id: string }>('id'),
  resolveReference: ({ id }, { roles }) => roles.byId(id),
})

const RoleConnection = builder.connectionObject({ type: RoleType, name: 'RoleConnection' })

const RoleWhere = createWhereInput(builder, 'RoleWhere', {
  id: 'ID',
  tenantId: 'ID',
  name: 'String',
  isActive: 'Boolean',
})

const RoleOrder = createOrderInput(builder, 'RoleOrder', {
  NAME: 'name',
  CREATED_AT: 'createdAt',
})

const CreateRoleInput = builder.inputType('CreateRoleInput', {
  description: 'A new role where you have signed in for.',
  fields: (t) => ({
    name: t.string({ required: true, description: '1 to 100 characters.' }),
    description: t.string({ description: 'What it is for, up to 1,000 characters.' }),
    permissions: t.stringList({ required: true, description: '1 to 200, none above your own.' }),
  }),
})

const UpdateRoleInput = builder.inputType('UpdateRoleInput', {
  description: 'What changes of a role; what is absent stays.',
  fields: (t) => ({
    roleId: t.id({ required: true, description: 'Which.' }),
    name: t.string({ description: 'Its new name.' }),
    description: t.string({ description: 'Its new description.' }),
    permissions: t.stringList({ description: 'All that it gives from now on.' }),
    isActive: t.boolean({ description: 'Whether it gives anything.' }),
  }),
})

builder.queryFields((t) => ({
  role: t.field({
    type: RoleType,
    nullable: true,
    auth: MAY.readRoles,
    description: 'One role of the platform or of your tenant.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, { roles }) => roles.byId(id),
  }),
  roles: t.connection(
    {
      type: RoleType,
      nullable: true,
      auth: MAY.readRoles,
      description: 'The roles of the platform and of your tenant.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: RoleWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [RoleOrder], description: 'In which order; by id at last.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { roles }) =>
        toConnection(await roles.list({ where, orderBy: toPageOrder(orderBy, []), page })),
    },
    RoleConnection,
  ),
}))

builder.mutationFields((t) => ({
  createRole: t.field({
    type: RoleType,
    nullable: true,
    auth: MAY.writeRoles,
    description: 'Makes a role out of rights that you hold.',
    args: { input: t.arg({ type: CreateRoleInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { roles }) =>
      roles.create({ ...input, description: input.description ?? null }),
  }),
  updateRole: t.field({
    type: RoleType,
    nullable: true,
    auth: MAY.writeRoles,
    description: 'Changes a role; its holders’ tokens end at once.',
    args: { input: t.arg({ type: UpdateRoleInput, required: true, description: 'What.' }) },
    resolve: (_root, { input: { roleId, name, description, permissions, isActive } }, { roles }) =>
      roles.update(roleId, {
        name: name ?? undefined,
        description: description ?? undefined,
        permissions: permissions ?? undefined,
        isActive: isActive ?? undefined,
      }),
  }),
}))
