import type { StoredEvent } from '#kernel/events/stored-event.ts'
import { createAggregateType } from '#kernel/graphql/aggregate-type.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import {
  SECURITY_EVENT_GROUPS,
  type SecurityEventGroup,
  type SecurityEventView,
  toSecurityEventView,
} from '../services/security-events.ts'
import { UserType } from './user.ts'

export const SecurityEventType = builder.objectRef<SecurityEventView>('SecurityEvent').implement({
  description: 'A sign-in, a refusal or a changed right.',
  auth: MAY.readSecurity,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    eventType: t.exposeString('eventType', { description: 'What happened: `sign-in.refused` …' }),
    userId: t.exposeID('userId', { nullable: true, description: 'Whom it concerns.' }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Whom it concerns.',
      resolve: ({ userId }, _args, { users }) => (userId == null ? null : users.byId(userId)),
    }),
    actorId: t.exposeID('actorId', {
      nullable: true,
      description: 'Who did it; null where it was nobody signed in.',
    }),
    tenantId: t.exposeID('tenantId', { nullable: true, description: 'In which tenant.' }),
    guildId: t.exposeID('guildId', { nullable: true, description: 'In which guild.' }),
    ipAddress: t.string({
      nullable: true,
      description:
        'From which address it was asked for; null where none is known, nobody known asked, or whose it was is erased.',
      resolve: async ({ id }, _args, { securityEvents }) => (await securityEvents.clientOf(id)).ip,
    }),
    userAgent: t.string({
      nullable: true,
      description: 'With which program, as it called itself; null like the address.',
      resolve: async ({ id }, _args, { securityEvents }) =>
        (await securityEvents.clientOf(id)).userAgent,
    }),
    details: t.field({
      type: 'JSONObject',
      description: 'What else is to be said: ids and plain words.',
      resolve: ({ details }) => details,
    }),
    riskScore: t.float({
      nullable: true,
      description: '0 to 1; null where nothing judged it.',
      resolve: ({ riskScore }) => riskScore ?? null,
    }),
    at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => at }),
  }),
})

const SecurityEventConnection = builder.connectionObject({
  type: SecurityEventType,
  name: 'SecurityEventConnection',
})

const SecurityEventWhere = createWhereInput(builder, 'SecurityEventWhere', {
  eventType: 'String',
  userId: 'ID',
  actorId: 'ID',
  tenantId: 'ID',
  guildId: 'ID',
  at: 'DateTime',
})

const SecurityEventOrder = createOrderInput(builder, 'SecurityEventOrder', {
  AT: 'at',
  EVENT_TYPE: 'eventType',
})

const aggregates = createAggregateType(builder, 'SecurityEvent', {
  groups: SECURITY_EVENT_GROUPS,
  measured: ['riskScore'],
})

builder.queryFields((t) => ({
  securityEvents: t.connection(
    {
      type: SecurityEventType,
      nullable: true,
      auth: MAY.readSecurity,
      description: 'What happened to accounts and rights within reach; newest first.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: SecurityEventWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [SecurityEventOrder], description: 'In which order.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { securityEvents }) =>
        toConnection(
          await securityEvents.list({
            where,
            orderBy: toPageOrder(orderBy, [['at', 'desc']]),
            page,
          }),
        ),
    },
    SecurityEventConnection,
  ),
  securityEventAggregates: t.field({
    type: [aggregates.row],
    nullable: true,
    auth: MAY.readSecurity,
    description: 'Security events within reach by group, largest groups first; at most 1,000.',
    args: {
      where: t.arg({ type: SecurityEventWhere, description: 'Which of them.' }),
      groupBy: t.arg({
        type: [aggregates.groupEnum],
        required: true,
        description: 'By what; nothing for one group of all.',
      }),
    },
    resolve: (_root, { where, groupBy }, { securityEvents }) =>
      // The enum's values are exactly these properties.
      securityEvents.aggregates(where, groupBy as readonly SecurityEventGroup[]),
  }),
}))

builder.subscriptionField('securityEventHappened', (t) =>
  t.field({
    type: SecurityEventType,
    nullable: true,
    auth: MAY.readSecurity,
    description:
      'Security events as they happen, in the platform, tenant or guild signed in for. Resumes from `extensions.resume`.',
    subscribe: (_root, _args, { securityEvents, resume, signal }) =>
      securityEvents.follow(resume, signal),
    // The stream yields events of the kernel; Pothos types it by the field's own type.
    resolve: (event) => toSecurityEventView(event as unknown as StoredEvent),
  }),
)
