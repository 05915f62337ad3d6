import { AUDIT_OUTCOMES } from '#kernel/audit/audit.ts'
import type { Client } from '#kernel/auth/client.ts'
import type { AggregateRow } from '#kernel/db/aggregates.ts'
import { toForwardPage } from '#kernel/db/batches.ts'
import type { StoredEvent } from '#kernel/events/stored-event.ts'
import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { toGroupValues } from '#kernel/graphql/group-values.ts'
import { createOrderInput, createWhereInput, toPageOrder } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import { AUDIT_GROUPS, type AuditGroup } from '../services/audit/audit-trail.ts'
import { type EntryView, readTailEvent } from '../services/audit/tail.ts'
import { GuildType } from './guild.ts'
import { idOrNull, TenantType } from './tenant.ts'
import { UserType } from './user.ts'

export const AuditOutcomeEnum = builder.enumType('AuditOutcome', {
  description: 'How an act ended.',
  values: {
    DONE: { value: AUDIT_OUTCOMES[0], description: 'It was done.' },
    REFUSED: { value: AUDIT_OUTCOMES[1], description: 'It was refused.' },
    FAILED: { value: AUDIT_OUTCOMES[2], description: 'It failed.' },
  } as const,
})

const ActorKindEnum = builder.enumType('AuditActorKind', {
  description: 'What kind of asker acted.',
  values: {
    ANONYMOUS: { value: 'anonymous', description: 'Nobody signed in.' },
    USER: { value: 'user', description: 'A person.' },
    KEY: { value: 'key', description: 'An API key.' },
    SERVICE: { value: 'service', description: 'The platform itself: a job, another service.' },
  } as const,
})

const ClientType = builder.objectRef<Client>('AuditClient').implement({
  description: 'From where and with which program somebody acted. Personal data.',
  fields: (t) => ({
    ip: t.exposeString('ip', { nullable: true, description: 'The address; null where unknown.' }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'The program, as it called itself; null where unknown.',
    }),
  }),
})

export const AuditLogType = builder.objectRef<EntryView>('AuditLog').implement({
  description: 'Who did what: an entry of the audit log, appended once and never changed.',
  auth: MAY.readAudit,
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    chain: t.exposeString('chain', { description: 'The chain that it stands in.' }),
    seq: t.field({
      type: 'BigInt',
      description: 'Its place in the chain; the first is 1.',
      resolve: ({ seq }) => BigInt(seq),
    }),
    action: t.exposeString('action', { description: 'What was done, as in `role.grant`.' }),
    outcome: t.field({
      type: AuditOutcomeEnum,
      description: 'How it ended.',
      resolve: ({ outcome }) => outcome,
    }),
    resourceType: t.exposeString('resourceType', { description: 'To what it was done.' }),
    resourceId: t.exposeString('resourceId', {
      nullable: true,
      description: 'To which of them; null where a list was meant or nothing stands yet.',
    }),
    details: t.field({
      type: 'JSONObject',
      description: 'What else is to be said: ids, codes and figures.',
      resolve: ({ details }) => details as never,
    }),
    actorKind: t.field({
      type: ActorKindEnum,
      description: 'What kind of asker did it.',
      resolve: ({ actorKind }) => actorKind,
    }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'Who did it, or in whose name a key did; null where nobody is known.',
      resolve: ({ userId }) => idOrNull(userId),
    }),
    userId: t.exposeID('userId', { nullable: true, description: 'The same person’s id.' }),
    keyId: t.exposeString('keyId', { nullable: true, description: 'With which API key.' }),
    sessionId: t.exposeString('sessionId', { nullable: true, description: 'In which session.' }),
    serviceName: t.exposeString('serviceName', {
      nullable: true,
      description: 'Which service of the platform did it; null where a person did.',
    }),
    client: t.field({
      type: ClientType,
      nullable: true,
      auth: MAY.readAudit,
      description: 'From where; null where nothing was told or the person was erased.',
      resolve: ({ id }, _args, { auditTrail }) => auditTrail.clientOf(id),
    }),
    tenant: t.field({
      type: TenantType,
      nullable: true,
      description: 'In which tenant; null for the platform’s own.',
      resolve: ({ tenantId }) => idOrNull(tenantId),
    }),
    guild: t.field({
      type: GuildType,
      nullable: true,
      description: 'In which guild; null where it concerns none alone.',
      resolve: ({ guildId }) => idOrNull(guildId),
    }),
    source: t.exposeString('source', { description: 'The subgraph that told of it.' }),
    requestId: t.exposeString('requestId', { description: 'The request that it was part of.' }),
    at: t.field({ type: 'DateTime', description: 'When it happened.', resolve: ({ at }) => at }),
    recordedAt: t.field({
      type: 'DateTime',
      description: 'When it was appended.',
      resolve: ({ recordedAt }) => recordedAt,
    }),
    prevHash: t.exposeString('prevHash', { description: 'The hash of the entry before.' }),
    entryHash: t.exposeString('entryHash', {
      description: 'SHA-256 of what is kept of it, the hash before included; hexadecimal.',
    }),
  }),
})

const AuditLogConnection = builder.connectionObject({
  type: AuditLogType,
  name: 'AuditLogConnection',
})

const AuditLogWhere = createWhereInput(builder, 'AuditLogWhere', {
  id: 'ID',
  action: 'String',
  outcome: AuditOutcomeEnum as never,
  resourceType: 'String',
  resourceId: 'String',
  actorKind: ActorKindEnum as never,
  userId: 'ID',
  keyId: 'String',
  sessionId: 'String',
  serviceName: 'String',
  source: 'String',
  requestId: 'String',
  tenantId: 'ID',
  guildId: 'ID',
  at: 'DateTime',
  recordedAt: 'DateTime',
})

const AuditLogOrder = createOrderInput(builder, 'AuditLogOrder', {
  ID: 'id',
  AT: 'at',
  ACTION: 'action',
})

const AuditLogGroupEnum = builder.enumType('AuditLogGroup', {
  description: 'What to group by.',
  values: Object.fromEntries(
    AUDIT_GROUPS.map((group) => [
      group.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
      { value: group, description: `By ${group}.` },
    ]),
  ),
})

const AuditLogCountType = builder.objectRef<AggregateRow>('AuditLogCount').implement({
  description: 'How many entries one group has.',
  fields: (t) => ({
    group: t.field({
      type: 'JSONObject',
      description: 'The values grouped by, as the fields of the same names answer them.',
      resolve: ({ group }, _args, _context, { schema }) =>
        toGroupValues(group, { whereName: 'AuditLogWhere', schema }),
    }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
})

builder.queryFields((t) => ({
  auditLog: t.field({
    type: AuditLogType,
    nullable: true,
    auth: MAY.readAudit,
    description: 'One entry within reach.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_root, { id }, { auditTrail }) => auditTrail.byId(id),
  }),
  auditLogs: t.connection(
    {
      type: AuditLogType,
      nullable: true,
      auth: MAY.readAudit,
      description: 'Entries within reach; newest first.',
      listSize: CONNECTION_SIZE,
      args: {
        where: t.arg({ type: AuditLogWhere, description: 'Which of them.' }),
        orderBy: t.arg({ type: [AuditLogOrder], description: 'In which order.' }),
      },
      resolve: async (_root, { where, orderBy, ...page }, { auditTrail }) =>
        toConnection(
          await auditTrail.page({ where, orderBy: toPageOrder(orderBy, [['id', 'desc']]), page }),
        ),
    },
    AuditLogConnection,
  ),
  auditLogAggregates: t.field({
    type: [AuditLogCountType],
    nullable: true,
    auth: MAY.readAudit,
    description: 'Entries within reach counted by group, largest groups first; at most 1,000.',
    listSize: { assumedSize: 50 },
    args: {
      where: t.arg({ type: AuditLogWhere, description: 'Which of them.' }),
      groupBy: t.arg({
        type: [AuditLogGroupEnum],
        required: true,
        description: 'By what; an empty list is one group of all.',
      }),
    },
    resolve: (_root, { where, groupBy }, { auditTrail }) =>
      // The enum's values are exactly these properties.
      auditTrail.aggregates({ where, groupBy: groupBy as AuditGroup[] }),
  }),
}))

builder.objectFields(TenantType, (t) => ({
  auditTrail: t.connection(
    {
      type: AuditLogType,
      nullable: true,
      auth: MAY.readAudit,
      description: 'What happened in it, its guilds included, oldest first; forward only.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { auditTrail }) =>
        toConnection(await auditTrail.ofTenant(id, toForwardPage(page))),
    },
    AuditLogConnection,
  ),
}))

builder.objectFields(GuildType, (t) => ({
  auditTrail: t.connection(
    {
      type: AuditLogType,
      nullable: true,
      auth: MAY.readAudit,
      description: 'What happened in it, oldest first; forward only.',
      listSize: CONNECTION_SIZE,
      resolve: async ({ id }, page, { auditTrail }) =>
        toConnection(await auditTrail.ofGuild(id, toForwardPage(page))),
    },
    AuditLogConnection,
  ),
}))

builder.subscriptionField('auditLogAppended', (t) =>
  t.field({
    type: AuditLogType,
    nullable: true,
    auth: MAY.readAudit,
    description:
      'Entries as they are appended, in the order of their chain, but those of what was read; resumes after the cursor last seen. For a guild a paid feature.',
    args: {
      tenantId: t.arg.id({
        description: 'Of this tenant; absent for your own, or the platform’s.',
      }),
    },
    subscribe: (_root, { tenantId }, { auditTrail, resume, signal }) =>
      auditTrail.follow(tenantId ?? null, { after: resume, signal }),
    // The stream yields events of the kernel; Pothos types it by the field's own type.
    resolve: (event) => readTailEvent(event as unknown as StoredEvent),
  }),
)
