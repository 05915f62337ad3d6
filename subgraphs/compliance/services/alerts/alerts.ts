import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { transactional } from '#kernel/db/database.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import type { Events } from '#kernel/events/events.ts'
import type { Resume } from '#kernel/events/resume.ts'
import type { StoredEvent } from '#kernel/events/stored-event.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Alert } from '../../entities/alert.ts'
import { complianceError } from '../../errors.ts'
import { feedPlaceOf } from '../audit/feed-place.ts'
import type { ComplianceRequest } from '../request.ts'
import { alertTopic, readAlertEvent } from './evaluate.ts'

export type AlertsDeps = { request: ComplianceRequest; events: Events }

/** Once is enough: a second acknowledgement changes nothing. */
async function acknowledge({ audit, clock, read, viewer }: ComplianceRequest, id: string) {
  if (!isDecimalId(id)) throw complianceError('ALERT_NOT_FOUND')
  await transactional(read(), async (tx) => {
    const alert = await tx.findOne(Alert, { id })
    if (!alert) throw complianceError('ALERT_NOT_FOUND')
    const changed = await updateWhere(tx, Alert, {
      where: { id, acknowledgedAt: null },
      set: { acknowledgedAt: clock.now(), acknowledgedBy: viewer.userId },
    })
    if (changed === 0) return
    await audit.record(tx, {
      ...{ viewer, action: 'alert.acknowledged', outcome: 'done' },
      ...{ tenantId: alert.tenantId ?? null, guildId: alert.guildId ?? null },
      resource: { type: 'alert', id },
      details: { ruleId: alert.ruleId, count: alert.count },
    })
  })
  return read().findOneOrFail(Alert, { id })
}

export type Alerts = ReturnType<typeof createAlerts>

/** What rules told of, within the viewer's reach. */
export function createAlerts({ request, events }: AlertsDeps) {
  const { read, viewer } = request
  return {
    /** From now on the rule raises a new alert. @throws ALERT_NOT_FOUND */
    acknowledge: (id: string) => acknowledge(request, id),
    page: (query: ListQuery<Alert>) => findList(read(), Alert, query),
    /** Alerts as they are raised. @throws AUDIT_CHAIN_NOT_FOUND, CURSOR_INVALID, CURSOR_FOREIGN, CURSOR_EXPIRED */
    follow: async (
      asked: string | null,
      resumption: { after: Resume | null; signal: AbortSignal },
    ) => {
      const { tenantId, guildId } = feedPlaceOf(viewer, asked)
      const options = { ...resumption, tenantId }
      if (guildId === null) return events.open(alertTopic(tenantId), options)
      const filter = (event: StoredEvent) => readAlertEvent(event).guildId === guildId
      return events.open(alertTopic(tenantId), { ...options, filter })
    },
  }
}
