import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createWhereInput } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { AlertRule } from '../entities/alert-rule.ts'
import { MAY } from '../scopes.ts'
import { AuditOutcomeEnum } from './audit-log.ts'
import { GuildType } from './guild.ts'
import { idOrNull, TenantType } from './tenant.ts'

export const AlertRuleType = builder.objectRef<AlertRule>('AlertRule').implement({
  description: 'What is worth telling of when it happens so often in so short a time.',
  auth: MAY.readAlerts,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    name: t.exposeString('name', { description: 'Its name, unique in its tenant or guild.' }),
    tenant: t.field({
      type: TenantType,
      nullable: true,
      description: 'Whose entries it counts; null for the platform’s own.',
      resolve: ({ tenantId }) => idOrNull(tenantId),
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'The guild whose entries alone it counts; null for all of the tenant.',
      resolve: ({ guildId }) => idOrNull(guildId),
    }),
    action: t.string({
      nullable: true,
      description: 'The action it counts, or its beginning and `*`; null for any.',
      resolve: ({ match }) => match.action,
    }),
    outcome: t.field({
      type: AuditOutcomeEnum,
      nullable: true,
      description: 'The outcome it counts; null for any.',
      resolve: ({ match }) => match.outcome,
    }),
    resourceType: t.string({
      nullable: true,
      description: 'The type of resource it counts; null for any.',
      resolve: ({ match }) => match.resourceType,
    }),
    actorId: t.id({
      nullable: true,
      description: 'The person whose acts it counts; null for anybody.',
      resolve: ({ match }) => match.actorId,
    }),
    threshold: t.exposeInt('threshold', { description: 'How many entries raise an alert.' }),
    windowSeconds: t.exposeInt('windowSeconds', {
      description: 'Within how many seconds, from the first of them to the last.',
    }),
    isActive: t.exposeBoolean('isActive', { description: 'Whether it counts at all.' }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When it was set.',
      resolve: ({ updatedAt }) => updatedAt,
    }),
  }),
})

const AlertRuleConnection = builder.connectionObject({
  type: AlertRuleType,
  name: 'AlertRuleConnection',
})

const AlertRuleWhere = createWhereInput(builder, 'AlertRuleWhere', {
  id: 'ID',
  name: 'String',
  tenantId: 'ID',
  guildId: 'ID',
  isActive: 'Boolean',
})

builder.queryField('alertRules', (t) =>
  t.connection(
    {
      type: AlertRuleType,
      nullable: true,
      auth: MAY.readAlerts,
      description: 'Alert rules within reach, by name.',
      listSize: CONNECTION_SIZE,
      args: { where: t.arg({ type: AlertRuleWhere, description: 'Which of them.' }) },
      resolve: async (_root, { where, ...page }, { alertRules }) =>
        toConnection(await alertRules.page({ where, orderBy: [['name', 'asc']], page })),
    },
    AlertRuleConnection,
  ),
)

const SetAlertRuleInput = builder.inputType('SetAlertRuleInput', {
  description: 'What to count, and from how many on to tell of it. Absent parts mean any.',
  fields: (t) => ({
    tenantId: t.id({ description: 'Whose entries; absent for your own, or the platform’s.' }),
    guildId: t.id({ description: 'Of this guild alone.' }),
    name: t.string({ required: true, description: 'A rule of this name is changed.' }),
    action: t.string({
      description: 'This action, or with `*` at its end all that begin so: docs/audit-actions.md.',
    }),
    outcome: t.field({ type: AuditOutcomeEnum, description: 'That ended so.' }),
    resourceType: t.string({ description: 'To this type of resource.' }),
    actorId: t.id({ description: 'By this person, named by id.' }),
    threshold: t.int({
      required: true,
      description: 'How many entries raise an alert, 1 to 1,000.',
    }),
    windowSeconds: t.int({
      required: true,
      description: 'Within how many seconds, 1 to 86,400: a day at most.',
    }),
    isActive: t.boolean({ description: 'Whether it counts; it does if absent.' }),
  }),
})

const RemoveAlertRuleInput = builder.inputType('RemoveAlertRuleInput', {
  description: 'Which rule goes.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
})

builder.mutationFields((t) => ({
  setAlertRule: t.field({
    type: AlertRuleType,
    nullable: true,
    auth: MAY.writeAlerts,
    description: 'Makes an alert rule or changes the one of that name; for a guild a paid feature.',
    args: { input: t.arg({ type: SetAlertRuleInput, required: true, description: 'The rule.' }) },
    resolve: (_root, { input }, { alertRules }) => alertRules.set(input),
  }),
  removeAlertRule: t.field({
    type: AlertRuleType,
    nullable: true,
    auth: MAY.writeAlerts,
    description: 'Removes an alert rule and returns it; its alerts stay.',
    args: {
      input: t.arg({ type: RemoveAlertRuleInput, required: true, description: 'Which one.' }),
    },
    resolve: (_root, { input }, { alertRules }) => alertRules.remove(input.id),
  }),
}))
