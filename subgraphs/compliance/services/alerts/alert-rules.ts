import { deleteWhere } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { AlertRule } from '../../entities/alert-rule.ts'
import { complianceError } from '../../errors.ts'
import { type FeedPlace, feedPlaceOf } from '../audit/feed-place.ts'
import type { Heads } from '../audit/heads.ts'
import { acrossTenantsRequireFeatures } from '../features.ts'
import type { ComplianceRequest } from '../request.ts'
import { type RuleInput, readRule } from './rule-input.ts'

export type AlertRuleInput = RuleInput & {
  tenantId?: string | null | undefined
  guildId?: string | null | undefined
}

export type AlertRulesDeps = { request: ComplianceRequest; heads: Heads }

/** Rules that a tenant or the platform may have of its own, and a guild. */
const MOST_RULES = 50
const MOST_RULES_OF_GUILD = 20

const ownerOf = ({ tenantId, guildId }: FeedPlace) => {
  if (guildId !== null) return `guild:${guildId}`
  return tenantId === null ? 'platform' : `tenant:${tenantId}`
}

/** @throws ALERT_PLACE_FOREIGN, AUDIT_FEATURE_NOT_INCLUDED */
async function acrossTenantsPlaceOf(
  request: ComplianceRequest,
  { tenantId, guildId }: AlertRuleInput,
): Promise<FeedPlace> {
  const reached = feedPlaceOf(request.viewer, tenantId ?? null)
  const asked = guildId ?? null
  if (reached.guildId !== null && asked !== reached.guildId) {
    throw complianceError('ALERT_PLACE_FOREIGN')
  }
  const place = { tenantId: reached.tenantId, guildId: asked }
  if (asked === null) return place
  const where = { guildId: asked, tenantId: reached.tenantId ?? '' }
  const isWithin = isDecimalId(asked) && reached.tenantId !== null
  const isKnown = isWithin && (await request.acrossTenants().count(GuildPlace, where)) > 0
  if (!isKnown) throw complianceError('ALERT_PLACE_FOREIGN')
  await acrossTenantsRequireFeatures(request, place)
  return place
}

type Act = { action: 'alert-rule.set' | 'alert-rule.removed'; rule: AlertRule }

function record({ audit, viewer }: ComplianceRequest, tx: SqlEntityManager, { action, rule }: Act) {
  const { id, threshold, windowSeconds, isActive, match } = rule
  return audit.record(tx, {
    ...{ viewer, action, outcome: 'done' },
    ...{ tenantId: rule.tenantId ?? null, guildId: rule.guildId ?? null },
    resource: { type: 'alert-rule', id },
    details: { ...match, threshold, windowSeconds, isActive },
  })
}

/** The place was checked before. */
async function acrossTenantsSet({ request, heads }: AlertRulesDeps, input: AlertRuleInput) {
  const facts = readRule(input)
  const place = await acrossTenantsPlaceOf(request, input)
  const owner = ownerOf(place)
  return transactional(request.acrossTenants(), async (tx) => {
    // One rule is set at a time: else two would count as many as are there, and each add the last.
    await heads.acrossTenantsLockAll(tx)
    const known = await tx.findOne(AlertRule, { owner, name: facts.name })
    const changes = { ...facts, updatedAt: request.clock.now() }
    const standing = await tx.count(AlertRule, { owner })
    const most = place.guildId === null ? MOST_RULES : MOST_RULES_OF_GUILD
    if (!known && standing >= most) throw complianceError('ALERT_RULES_TOO_MANY')
    const { userId: createdBy } = request.viewer
    const rule = known ?? tx.create(AlertRule, { ...place, ...changes, owner, createdBy })
    if (known) Object.assign(known, changes)
    tx.persist(rule)
    await tx.flush()
    await record(request, tx, { action: 'alert-rule.set', rule })
    return rule
  })
}

async function removeRule({ request }: AlertRulesDeps, id: string): Promise<AlertRule> {
  if (!isDecimalId(id)) throw complianceError('ALERT_RULE_NOT_FOUND')
  return transactional(request.read(), async (tx) => {
    const rule = await tx.findOne(AlertRule, { id })
    if (!rule || (await deleteWhere(tx, AlertRule, { id })) === 0) {
      throw complianceError('ALERT_RULE_NOT_FOUND')
    }
    await record(request, tx, { action: 'alert-rule.removed', rule })
    return rule
  })
}

export type AlertRules = ReturnType<typeof createAlertRules>

/** What is worth telling of, within the viewer's reach. */
export function createAlertRules(deps: AlertRulesDeps) {
  const { read } = deps.request
  return {
    /**
     * Makes a rule, or changes the one of that name. @throws ALERT_RULE_INVALID, ALERT_RULES_TOO_MANY,
     * ALERT_PLACE_FOREIGN, AUDIT_CHAIN_NOT_FOUND, AUDIT_FEATURE_NOT_INCLUDED
     */
    set: (input: AlertRuleInput) => acrossTenantsSet(deps, input),
    /** Its alerts stay. @throws ALERT_RULE_NOT_FOUND */
    remove: (id: string) => removeRule(deps, id),
    page: (query: ListQuery<AlertRule>) => findList(read(), AlertRule, query),
  }
}
