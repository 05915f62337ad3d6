import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

const RoleSchema = defineEntity({
  name: 'Role',
  tableName: 'roles',
  uniques: [{ properties: ['name', 'place'] }],
  properties: {
    id: idColumn(),
    /** Null: a role of the platform, which every tenant may give. */
    tenantId: refColumn().nullable(),
    /** `p` or `t:<tenant>`: a name is taken once in each. */
    place: p.string().length(22),
    name: p.string().length(100).fieldName('role_name'),
    description: p.text().nullable(),
    permissions: p.json<string[]>(),
    isActive: p.boolean(),
    createdAt: timeColumn(),
  },
})

/** A named set of permissions. */
export class Role extends RoleSchema.class {}
RoleSchema.setClass(Role)
