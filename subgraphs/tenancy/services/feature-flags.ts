import { createChildPages } from '#kernel/db/batches.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { FeatureFlag } from '../entities/feature-flag.ts'
import { Tenant } from '../entities/tenant.ts'
import { tenancyError } from '../errors.ts'
import { requireWholeTenant } from './access.ts'
import { checkForm, checkPercent, checkText } from './inputs.ts'
import type { TenancyRequest } from './request.ts'
import { evaluateRollout, type FlagEvaluation } from './rollout.ts'
import { lockTenant } from './tenant-lock.ts'

export type FlagName = { tenantId: string; key: string }

export type FeatureFlagInput = FlagName & {
  isEnabled: boolean
  rolloutPercent: number
  description: string
}

export type FeatureFlags = ReturnType<typeof createFeatureFlags>

/** Feature flags: what is switched on for whom, within one tenant. */
export function createFeatureFlags(request: TenancyRequest) {
  const { read } = request
  return {
    set: (input: FeatureFlagInput) => setFlag(request, input),
    remove: (input: FlagName) => removeFlag(request, input),
    evaluate: (input: FlagName & { subject: string }) => evaluate(read(), input),
    ofTenant: createChildPages(read, FeatureFlag, { parent: 'tenantId' }),
    page: (query: ListQuery<FeatureFlag>) => findList(read(), FeatureFlag, query),
  }
}

const LONGEST_DESCRIPTION = 500

function checkFlag({ key, isEnabled, rolloutPercent, description }: FeatureFlagInput) {
  return {
    key: checkForm('key', key),
    isEnabled,
    rolloutPercent: checkPercent('rolloutPercent', rolloutPercent),
    description: checkText('description', description, LONGEST_DESCRIPTION),
  }
}

async function setFlag({ em, viewer, clock, changes }: TenancyRequest, input: FeatureFlagInput) {
  requireWholeTenant(viewer)
  const wanted = checkFlag(input)
  const { tenantId } = input
  return transactional(em, async (tx) => {
    await lockTenant(tx, tenantId)
    const now = clock.now()
    const existing = await tx.findOne(FeatureFlag, { tenantId, key: wanted.key })
    const isSame = existing !== null && matches(existing, wanted)
    if (isSame) return existing
    const flag = existing
      ? tx.assign(existing, { ...wanted, updatedAt: now })
      : tx.create(FeatureFlag, { tenantId, ...wanted, createdAt: now, updatedAt: now })
    await tx.flush()
    const { isEnabled, rolloutPercent } = wanted
    await changes.record(tx, {
      action: 'flag.set',
      tenantId,
      target: { type: 'flag', id: flag.id, name: wanted.key },
      details: { isEnabled, rolloutPercent },
    })
    return flag
  })
}

function matches(flag: FeatureFlag, wanted: ReturnType<typeof checkFlag>): boolean {
  return (
    flag.isEnabled === wanted.isEnabled &&
    flag.rolloutPercent === wanted.rolloutPercent &&
    flag.description === wanted.description
  )
}

async function removeFlag({ em, viewer, changes }: TenancyRequest, { tenantId, key }: FlagName) {
  requireWholeTenant(viewer)
  checkForm('key', key)
  return transactional(em, async (tx) => {
    await lockTenant(tx, tenantId)
    const flag = await tx.findOne(FeatureFlag, { tenantId, key })
    if (!flag) throw tenancyError('FLAG_NOT_FOUND', { key })
    const removed = { ...flag }
    tx.remove(flag)
    await tx.flush()
    const target = { type: 'flag', id: removed.id, name: key } as const
    await changes.record(tx, { action: 'flag.removed', tenantId, target })
    return removed
  })
}

/** Whether a flag is on for a subject. @throws TENANT_NOT_FOUND, TENANCY_INPUT_INVALID */
async function evaluate(
  em: SqlEntityManager,
  { tenantId, key, subject }: FlagName & { subject: string },
): Promise<FlagEvaluation> {
  checkForm('key', key)
  checkForm('subject', subject)
  if (!isDecimalId(tenantId)) throw tenancyError('TENANT_NOT_FOUND')
  const flag = await em.findOne(FeatureFlag, { tenantId, key })
  if (!flag && !(await em.findOne(Tenant, { id: tenantId }))) {
    throw tenancyError('TENANT_NOT_FOUND')
  }
  return evaluateRollout(flag, { key, subject })
}
