import type { StoredEvent } from '#kernel/events/stored-event.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createWhereInput } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { Alert } from '../entities/alert.ts'
import { MAY } from '../scopes.ts'
import { readAlertEvent } from '../services/alerts/evaluate.ts'
import { GuildType } from './guild.ts'
import { idOrNull, TenantType } from './tenant.ts'
import { UserType } from './user.ts'

export const AlertType = builder.objectRef<Alert>('Alert').implement({
  description: 'Entries of the audit log that met a rule so often in so short a time.',
  auth: MAY.readAlerts,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    ruleId: t.exposeID('ruleId', { description: 'The rule that raised it, which may be gone.' }),
    ruleName: t.exposeString('ruleName', { description: 'What the rule was called then.' }),
    tenant: t.field({
      type: TenantType,
      nullable: true,
      description: 'In which tenant; null for the platform’s own.',
      resolve: ({ tenantId }) => idOrNull(tenantId),
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'The guild that the rule watches alone; null where it watches the tenant.',
      resolve: ({ guildId }) => idOrNull(guildId),
    }),
    count: t.exposeInt('count', { description: 'How many entries so far.' }),
    firstEntryId: t.exposeID('firstEntryId', { description: 'The id of the first of them.' }),
    lastEntryId: t.exposeID('lastEntryId', { description: 'The id of the last so far.' }),
    at: t.field({ type: 'DateTime', description: 'When it was raised.', resolve: ({ at }) => at }),
    acknowledgedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When somebody took note; null while nobody did.',
      resolve: ({ acknowledgedAt }) => acknowledgedAt ?? null,
    }),
    acknowledgedBy: t.field({
      type: UserType,
      nullable: true,
      description: 'Who took note.',
      resolve: ({ acknowledgedBy }) => idOrNull(acknowledgedBy),
    }),
  }),
})

const AlertConnection = builder.connectionObject({ type: AlertType, name: 'AlertConnection' })

const AlertWhere = createWhereInput(builder, 'AlertWhere', {
  id: 'ID',
  ruleId: 'ID',
  tenantId: 'ID',
  guildId: 'ID',
  at: 'DateTime',
  acknowledgedAt: 'DateTime',
})

builder.queryField('alerts', (t) =>
  t.connection(
    {
      type: AlertType,
      nullable: true,
      auth: MAY.readAlerts,
      description: 'Alerts within reach; newest first.',
      listSize: CONNECTION_SIZE,
      args: { where: t.arg({ type: AlertWhere, description: 'Which of them.' }) },
      resolve: async (_root, { where, ...page }, { alerts }) =>
        toConnection(await alerts.page({ where, orderBy: [['id', 'desc']], page })),
    },
    AlertConnection,
  ),
)

const AcknowledgeAlertInput = builder.inputType('AcknowledgeAlertInput', {
  description: 'Which alert was taken note of.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
})

builder.mutationField('acknowledgeAlert', (t) =>
  t.field({
    type: AlertType,
    nullable: true,
    auth: MAY.writeAlerts,
    description:
      'Takes note of an alert: what follows raises a new one. A second time changes nothing.',
    args: {
      input: t.arg({ type: AcknowledgeAlertInput, required: true, description: 'Which one.' }),
    },
    resolve: (_root, { input }, { alerts }) => alerts.acknowledge(input.id),
  }),
)

builder.subscriptionField('alertRaised', (t) =>
  t.field({
    type: AlertType,
    nullable: true,
    auth: MAY.readAlerts,
    description: 'Alerts as they are raised; resumes after the cursor last seen.',
    args: {
      tenantId: t.arg.id({
        description: 'Of this tenant; absent for your own, or the platform’s.',
      }),
    },
    subscribe: (_root, { tenantId }, { alerts, resume, signal }) =>
      alerts.follow(tenantId ?? null, { after: resume, signal }),
    // The stream yields events of the kernel; Pothos types it by the field's own type.
    resolve: (event) => readAlertEvent(event as unknown as StoredEvent),
  }),
)
