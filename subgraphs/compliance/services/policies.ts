import { LockMode } from '@mikro-orm/core'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { createGroupBatch, createRowBatch } from '#kernel/db/batches.ts'
import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { CompliancePolicy } from '../entities/compliance-policy.ts'
import { complianceError } from '../errors.ts'
import { checkConfig, checkForm } from './inputs.ts'
import { endOf, inForceAt, statusAt } from './policies-in-force.ts'
import type { ComplianceRequest } from './request.ts'

export type NewPolicy = {
  /** Absent for the viewer's own tenant, or for the platform. */
  tenantId?: string | null | undefined
  type: string
  name: string
  version: string
  config?: Readonly<Record<string, unknown>> | null | undefined
  /** Now when absent. */
  effectiveFrom?: Date | null | undefined
}

export type PolicyQuestion = {
  type: string
  at?: Date | null | undefined
  tenantId?: string | null | undefined
}

export const PLATFORM_OWNER = 'p'

/** The text under which the versions of a type are unique. */
export const ownerKey = (tenantId: string | null) =>
  tenantId === null ? PLATFORM_OWNER : `t:${tenantId}`

/** Of all versions that a tenant is under: those of its own, or where it has none the platform's. */
export function policyFor(
  versions: readonly CompliancePolicy[],
  { tenantId, at }: { tenantId: string | null; at: Date },
): CompliancePolicy | null {
  const ofOwner = (owner: string) => versions.filter((version) => version.owner === owner)
  const own = tenantId === null ? null : inForceAt(ofOwner(ownerKey(tenantId)), at)
  return own ?? inForceAt(ofOwner(PLATFORM_OWNER), at)
}

/** Every version of some types that a tenant could be under, the platform's included. */
export function acrossTenantsVersionsFor(
  em: SqlEntityManager,
  { tenantId, types }: { tenantId: string | null; types: readonly string[] },
): Promise<CompliancePolicy[]> {
  const owners = [PLATFORM_OWNER, ...(tenantId === null ? [] : [ownerKey(tenantId)])]
  return em.find(CompliancePolicy, { owner: { $in: owners }, type: { $in: [...types] } })
}

type Lineage = Pick<CompliancePolicy, 'owner' | 'type'>
const lineageOf = ({ owner, type }: Lineage) => `${owner} ${type}`
function toLineage(key: string): Lineage {
  const [owner = '', type = ''] = key.split(' ')
  return { owner, type }
}

export type Policies = ReturnType<typeof createPolicies>

/** Policies: what holds, version by version. */
export function createPolicies(request: ComplianceRequest) {
  const { read, acrossTenants, clock } = request
  // Of a policy that the asker has: its dates depend on its siblings, whatever the asker's reach.
  const acrossTenantsSiblings = createGroupBatch(
    (keys) => acrossTenants().find(CompliancePolicy, { $or: keys.map(toLineage) }),
    lineageOf,
  )
  return {
    /** @throws POLICY_INVALID, POLICY_BEYOND_REACH, POLICY_EFFECT_IN_PAST, POLICY_VERSION_TAKEN */
    publish: (input: NewPolicy) => publishPolicy(request, input),
    /** At once; what is retired already stays as it is. @throws POLICY_NOT_FOUND, POLICY_BEYOND_REACH */
    retire: (policyId: string) => retirePolicy(request, policyId),
    /** What holds within reach at a time, now by default. */
    inForce: (question: PolicyQuestion) => findInForce(request, question),
    page: (query: ListQuery<CompliancePolicy>) => findList(read(), CompliancePolicy, query),
    /** Of a consent that the asker may see: what was agreed to may be read by who agreed. */
    acrossTenantsById: createRowBatch(
      (ids) => acrossTenants().find(CompliancePolicy, { id: { $in: [...ids] } }),
      ({ id }: CompliancePolicy) => id,
    ),
    statusOf: async (policy: CompliancePolicy) =>
      statusAt(policy, await acrossTenantsSiblings(lineageOf(policy)), clock.now()),
    endOf: async (policy: CompliancePolicy) =>
      endOf(policy, await acrossTenantsSiblings(lineageOf(policy))),
  }
}

/** Whose policies the viewer may change; null for the platform's. @throws POLICY_BEYOND_REACH */
function ownTenant({ reach }: Viewer, asked: string | null): string | null {
  const mayAll = reach.kind === 'platform' && (asked === null || isDecimalId(asked))
  if (mayAll) return asked
  const mayOwn = reach.kind === 'tenant' && (asked === null || asked === reach.tenantId)
  if (mayOwn) return reach.tenantId
  throw complianceError('POLICY_BEYOND_REACH')
}

async function publishPolicy(request: ComplianceRequest, input: NewPolicy) {
  const { viewer, read, clock } = request
  const tenantId = ownTenant(viewer, input.tenantId ?? null)
  const row = {
    tenantId,
    owner: ownerKey(tenantId),
    type: checkForm('type', input.type),
    name: checkForm('name', input.name),
    version: checkForm('version', input.version),
    config: input.config ? checkConfig(input.config) : null,
  }
  return transactional(read(), async (tx) => {
    const now = clock.now()
    const effectiveFrom = input.effectiveFrom ?? now
    if (effectiveFrom < now)
      throw complianceError('POLICY_EFFECT_IN_PAST', {
        field: 'effectiveFrom',
        expected: `${now.toISOString()} or later`,
      })
    const dates = { effectiveFrom, effectiveUntil: null, createdAt: now, updatedAt: now }
    const publishedBy = viewer.userId
    const policy = tx.create(CompliancePolicy, { ...row, ...dates, isActive: true, publishedBy })
    tx.persist(policy)
    if (!(await flushUnlessTaken(tx))) throw complianceError('POLICY_VERSION_TAKEN')
    await record(request, tx, { action: 'policy.published', policy })
    return policy
  })
}

type Act = { action: 'policy.published' | 'policy.retired'; policy: CompliancePolicy }

function record({ audit, viewer }: ComplianceRequest, tx: SqlEntityManager, act: Act) {
  const { id, type, version, effectiveFrom } = act.policy
  return audit.record(tx, {
    ...{ viewer, action: act.action, outcome: 'done', guildId: null },
    tenantId: act.policy.tenantId ?? null,
    resource: { type: 'policy', id },
    details: { type, version, effectiveFrom: effectiveFrom.toISOString() },
  })
}

async function retirePolicy(request: ComplianceRequest, policyId: string) {
  const { viewer, read, clock } = request
  return transactional(read(), async (tx) => {
    const policy = isDecimalId(policyId)
      ? await tx.findOne(
          CompliancePolicy,
          { id: policyId },
          { lockMode: LockMode.PESSIMISTIC_WRITE },
        )
      : null
    if (!policy) throw complianceError('POLICY_NOT_FOUND')
    // The platform's are seen by every tenant, and changed by none.
    const isOwn = policy.tenantId != null || viewer.reach.kind === 'platform'
    if (!isOwn) throw complianceError('POLICY_BEYOND_REACH')
    ownTenant(viewer, policy.tenantId ?? null)
    if (!policy.isActive) return policy
    const now = clock.now()
    tx.assign(policy, { isActive: false, effectiveUntil: now, updatedAt: now })
    await tx.flush()
    await record(request, tx, { action: 'policy.retired', policy })
    return policy
  })
}

/** The tenant whose policies are asked for; undefined where it lies beyond the viewer's reach. */
function askedTenant({ reach }: Viewer, asked: string | null): string | null | undefined {
  if (reach.kind === 'platform') return asked
  if (reach.kind === 'none') return asked === null ? null : undefined
  return asked === null || asked === reach.tenantId ? reach.tenantId : undefined
}

async function findInForce(request: ComplianceRequest, { type, at, ...asked }: PolicyQuestion) {
  const { viewer, clock, acrossTenants } = request
  const tenantId = askedTenant(viewer, asked.tenantId ?? null)
  const isNobody = tenantId === undefined || (tenantId !== null && !isDecimalId(tenantId))
  if (isNobody) return null
  const versions = await acrossTenantsVersionsFor(acrossTenants(), { tenantId, types: [type] })
  return policyFor(versions, { tenantId, at: at ?? clock.now() })
}
