import type { FilterQuery } from '@mikro-orm/core'
import type { AlertMatch, AlertRule } from '../../entities/alert-rule.ts'
import type { AuditLog } from '../../entities/audit-log.ts'

type Facts = Pick<AuditLog, 'action' | 'outcome' | 'resourceType' | 'userId' | 'guildId'>

const isWanted = (wanted: string | null, value: string | null | undefined) =>
  wanted === null || wanted === (value ?? null)

/** `bets.` of `bets.*`; null where the action is meant as a whole. */
const prefixOf = ({ action }: AlertMatch): string | null =>
  action?.endsWith('*') ? action.slice(0, -1) : null

/** Whether a rule counts an entry of its tenant. */
export function isMatch({ match, guildId }: AlertRule, entry: Facts): boolean {
  const prefix = prefixOf(match)
  return (
    (guildId == null || guildId === entry.guildId) &&
    (prefix === null ? isWanted(match.action, entry.action) : entry.action.startsWith(prefix)) &&
    isWanted(match.outcome, entry.outcome) &&
    isWanted(match.resourceType, entry.resourceType) &&
    isWanted(match.actorId, entry.userId)
  )
}

/** Everything that begins with a text, as a range: characters of actions end before `~`. */
const beginningWith = (prefix: string) => ({ $gte: prefix, $lt: `${prefix}~` })

/** The same as a condition of the table. */
export function toMatchCondition({ match, guildId, tenantId }: AlertRule): FilterQuery<AuditLog> {
  const prefix = prefixOf(match)
  return {
    tenantId: tenantId ?? null,
    ...(guildId != null && { guildId }),
    ...(prefix === null && match.action !== null && { action: match.action }),
    ...(prefix && { action: beginningWith(prefix) }),
    ...(match.outcome !== null && { outcome: match.outcome }),
    ...(match.resourceType !== null && { resourceType: match.resourceType }),
    ...(match.actorId !== null && { userId: match.actorId }),
  }
}
