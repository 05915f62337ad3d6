import { type AggregateRow, aggregate } from '#kernel/db/aggregates.ts'
import { type ChildPage, createChildPages } from '#kernel/db/batches.ts'
import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import type { Page } from '#kernel/db/keyset-pages.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'
import { kernelError } from '#kernel/errors.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { Quota, type ResetPeriod } from '../entities/quota.ts'
import { QuotaUse } from '../entities/quota-use.ts'
import { Tenant } from '../entities/tenant.ts'
import { tenancyError } from '../errors.ts'
import { requirePlatform } from './access.ts'
import { checkAmount, checkForm } from './inputs.ts'
import { charge, findLocked, giveBack, lockQuota } from './quota-counter.ts'
import { periodStart, type QuotaState, toQuotaState } from './quota-periods.ts'
import type { TenancyRequest } from './request.ts'
import { lockTenant } from './tenant-lock.ts'

export type QuotaInput = {
  tenantId: string
  resource: string
  /** Units in one period; null is without limit. */
  limit: bigint | null
  resetPeriod: ResetPeriod
}

export type QuotaUseInput = {
  tenantId: string
  resource: string
  amount: bigint
  idempotencyKey: string
}

export type QuotaAggregateQuery = {
  where?: Where | null | undefined
  groupBy: readonly ('tenantId' | 'resource' | 'resetPeriod')[]
}

export type Quotas = ReturnType<typeof createQuotas>

/** Quotas: how much a tenant may use, counted exactly however many ask at once. */
export function createQuotas(request: TenancyRequest) {
  const { read, clock } = request
  const toStates = ({ edges, ...page }: Page<Quota>): Page<QuotaState> => {
    const now = clock.now()
    return {
      ...page,
      edges: edges.map(({ cursor, node }) => ({ cursor, node: toQuotaState(node, now) })),
    }
  }
  const pagesOfTenants = createChildPages(read, Quota, { parent: 'tenantId' })
  return {
    set: (input: QuotaInput) => setQuota(request, input),
    use: (input: QuotaUseInput) => useQuota(request, input),
    release: (input: { tenantId: string; idempotencyKey: string }) => releaseQuota(request, input),
    ofTenant: async (tenantId: string, page: ChildPage) =>
      toStates(await pagesOfTenants(tenantId, page)),
    page: async (query: ListQuery<Quota>) => toStates(await findList(read(), Quota, query)),
    aggregates: ({ where, groupBy }: QuotaAggregateQuery): Promise<AggregateRow[]> => {
      const em = read()
      const condition = toCondition(em, Quota, where)
      return aggregate(em, Quota, { where: condition, groupBy, measured: ['limit', 'usage'] })
    },
  }
}

const targetOf = ({ id, resource }: Quota) => ({ type: 'quota', id, name: resource }) as const

/** The quota to change, made without any use when there is none. */
async function findOrCreate(tx: SqlEntityManager, input: QuotaInput, now: Date): Promise<Quota> {
  const { tenantId, resource, limit, resetPeriod } = input
  const existing = await findLocked(tx, input)
  if (existing) return existing
  const lastReset = periodStart(resetPeriod, now)
  return tx.create(Quota, { tenantId, resource, limit, resetPeriod, usage: 0n, lastReset })
}

async function setQuota({ em, viewer, clock, changes }: TenancyRequest, input: QuotaInput) {
  requirePlatform(viewer)
  checkForm('resource', input.resource)
  if (input.limit !== null) checkAmount('limit', input.limit, 0n)
  return transactional(em, async (tx) => {
    await lockTenant(tx, input.tenantId)
    const now = clock.now()
    const quota = await findOrCreate(tx, input, now)
    const { used } = toQuotaState(quota, now)
    const isNew = quota.id === undefined
    const isSame = quota.limit === input.limit && quota.resetPeriod === input.resetPeriod
    if (!isNew && isSame) return toQuotaState(quota, now)
    // What was used counts on in the period that now holds; a new period begins empty as ever.
    const lastReset = periodStart(input.resetPeriod, now)
    const { limit, resetPeriod } = input
    tx.assign(quota, { limit, resetPeriod, usage: used, lastReset })
    await tx.flush()
    await changes.record(tx, {
      action: 'quota.set',
      tenantId: input.tenantId,
      target: targetOf(quota),
      details: { limit: limit === null ? null : String(limit), resetPeriod },
    })
    return toQuotaState(quota, now)
  })
}

/** The use that stands under this key, if it is the same use. @throws IDEMPOTENCY_KEY_REUSED */
async function findRepeated(tx: SqlEntityManager, input: QuotaUseInput): Promise<QuotaUse | null> {
  const { tenantId, idempotencyKey: key } = input
  const use = await tx.findOne(QuotaUse, { tenantId, key })
  if (!use) return null
  const isSame = use.resource === input.resource && use.amount === input.amount
  if (!isSame) throw kernelError('IDEMPOTENCY_KEY_REUSED')
  return use
}

async function remember(
  tx: SqlEntityManager,
  input: QuotaUseInput,
  entry: Pick<QuotaUse, 'periodStart' | 'at'>,
) {
  const { tenantId, resource, amount, idempotencyKey: key } = input
  tx.create(QuotaUse, { tenantId, resource, amount, key, ...entry })
  // Taken meanwhile: by a use of another resource, for those of this one wait for its counter.
  if (!(await flushUnlessTaken(tx))) throw kernelError('IDEMPOTENCY_KEY_REUSED')
}

async function refuseSuspended(tx: SqlEntityManager, tenantId: string): Promise<void> {
  const tenant = await tx.findOne(Tenant, { id: tenantId })
  if (!tenant) throw tenancyError('TENANT_NOT_FOUND')
  if (tenant.isSuspended()) throw tenancyError('TENANT_SUSPENDED')
}

/** Shares of the limit, in percent, whose crossing is worth an event. */
const WARNINGS = [100n, 80n] as const

function crossedWarning({ limit, used }: QuotaState, amount: bigint): bigint | null {
  if (limit === null || limit === 0n) return null
  const isCrossed = (percent: bigint) =>
    used * 100n >= limit * percent && (used - amount) * 100n < limit * percent
  return WARNINGS.find(isCrossed) ?? null
}

async function useQuota({ em, clock, changes }: TenancyRequest, input: QuotaUseInput) {
  checkForm('resource', input.resource)
  checkForm('idempotencyKey', input.idempotencyKey)
  const { tenantId, resource } = input
  const amount = checkAmount('amount', input.amount, 1n)
  if (!isDecimalId(tenantId)) throw tenancyError('QUOTA_NOT_FOUND', { resource })
  return transactional(em, async (tx) => {
    const quota = await lockQuota(tx, input)
    const now = clock.now()
    if (await findRepeated(tx, input)) return toQuotaState(quota, now)
    await refuseSuspended(tx, tenantId)
    const charged = await charge(tx, quota, { amount, now })
    await remember(tx, input, { periodStart: charged.lastReset, at: now })
    const state = toQuotaState(charged, now)
    const warning = crossedWarning(state, amount)
    await changes.record(tx, {
      action: 'quota.used',
      tenantId,
      target: targetOf(quota),
      details: { amount: String(amount), used: String(state.used) },
      news:
        warning === null ? null : { type: 'quota.warned', details: { percent: Number(warning) } },
    })
    return state
  })
}

async function releaseQuota(
  { em, clock, changes }: TenancyRequest,
  { tenantId, idempotencyKey: key }: { tenantId: string; idempotencyKey: string },
) {
  checkForm('idempotencyKey', key)
  return transactional(em, async (tx) => {
    const use = isDecimalId(tenantId) ? await tx.findOne(QuotaUse, { tenantId, key }) : null
    if (!use) throw tenancyError('QUOTA_USE_NOT_FOUND')
    const quota = await lockQuota(tx, use)
    const now = clock.now()
    const isReleasedNow = await giveBack(tx, use, now)
    const state = toQuotaState(await lockQuota(tx, use), now)
    if (!isReleasedNow) return state
    await changes.record(tx, {
      action: 'quota.released',
      tenantId,
      target: targetOf(quota),
      details: { amount: String(use.amount), used: String(state.used) },
      news: null,
    })
    return state
  })
}
