import { LockMode } from '@mikro-orm/core'
import { flushUnlessTaken } from '#kernel/db/conditional-writes.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { databaseError } from '#kernel/db/errors.ts'
import type { ConsentChannel, ConsentEnding } from '../entities/privacy-consent.ts'
import { PrivacyConsent } from '../entities/privacy-consent.ts'
import { complianceError } from '../errors.ts'
import { CONSENT_PURPOSES, type ConsentPurpose, isConsentPurpose } from './consent-purposes.ts'
import { isVersion } from './inputs.ts'
import { acrossTenantsVersionsFor, policyFor } from './policies.ts'
import type { ComplianceRequest } from './request.ts'

/** Whose consent to what. */
export type ConsentSubject = { userId: string; tenantId: string; purpose: string }

export type Grant = ConsentSubject & {
  guildId: string | null
  version: string
  channel: ConsentChannel
  /** Who writes it down if not the person. */
  recordedBy: string | null
}

export type Withdrawal = ConsentSubject & {
  channel: ConsentChannel
  recordedBy: string | null
}

/** Tries against others who change the same consent; each lost one is one that another won. */
const MOST_TRIES = 50

/** The text that one standing consent at most may have. */
export const standingKey = ({ userId, tenantId, purpose }: ConsentSubject) =>
  `${userId}:${tenantId}:${purpose}`

/** @throws CONSENT_PURPOSE_UNKNOWN */
function checkPurpose(purpose: string): ConsentPurpose {
  if (isConsentPurpose(purpose)) return purpose
  throw complianceError('CONSENT_PURPOSE_UNKNOWN', { purposes: Object.keys(CONSENT_PURPOSES) })
}

/**
 * The policy that the version names; null for a purpose that has no policies.
 * @throws CONSENT_VERSION_UNKNOWN
 */
async function acrossTenantsPolicyOf(
  tx: SqlEntityManager,
  { tenantId, purpose, version }: Grant,
  at: Date,
): Promise<string | null> {
  const versions = await acrossTenantsVersionsFor(tx, { tenantId, types: [purpose] })
  if (versions.length === 0 && isVersion(version)) return null
  const policy = policyFor(versions, { tenantId, at })
  if (policy && policy.version === version) return policy.id
  throw complianceError('CONSENT_VERSION_UNKNOWN', { version: policy?.version ?? null })
}

/** Somebody else changed the same consent meanwhile: nothing of this try is kept. */
class LostRace extends Error {}

/** Repeats a transaction that lost against another change of the same consent. @throws DATABASE_BUSY */
async function untilWon<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (failure) {
      if (!(failure instanceof LostRace)) throw failure
      if (tries === MOST_TRIES) throw databaseError('DATABASE_BUSY', {}, { cause: failure })
    }
  }
}

type End = Pick<PrivacyConsent, 'endedAt'> & {
  ending: ConsentEnding
  withdrawnChannel?: ConsentChannel
  withdrawalRecordedBy?: string | null
}

/** Closes a consent that stands; what its grant said stays. Pending until the flush. */
async function close(tx: SqlEntityManager, id: string, end: End): Promise<PrivacyConsent> {
  const lock = { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true }
  const consent = await tx.findOne(PrivacyConsent, { id }, lock)
  if (!consent?.isStanding) throw new LostRace()
  tx.assign(consent, { isStanding: false, standing: null, ...end })
  await tx.flush()
  return consent
}

type Act = {
  action: 'consent.given' | 'consent.withdrawn'
  consent: PrivacyConsent
  channel: ConsentChannel
}

function record(
  { audit, viewer }: ComplianceRequest,
  tx: SqlEntityManager,
  { action, consent, channel }: Act,
) {
  const { id, tenantId, userId, purpose, version } = consent
  return audit.record(tx, {
    ...{ viewer, action, outcome: 'done', tenantId },
    guildId: consent.guildId ?? null,
    resource: { type: 'consent', id },
    details: { userId, purpose, version, channel },
  })
}

/** The consent that stands afterwards; one to the same version that stands already is left as it is. */
async function acrossTenantsGrantIn(
  request: ComplianceRequest,
  tx: SqlEntityManager,
  grant: Grant,
): Promise<PrivacyConsent> {
  const now = request.clock.now()
  const policyId = await acrossTenantsPolicyOf(tx, grant, now)
  const standing = standingKey(grant)
  const before = await tx.findOne(PrivacyConsent, { standing })
  const isSame = before?.version === grant.version && (before.policyId ?? null) === policyId
  if (before && isSame) return before
  if (before) await close(tx, before.id, { endedAt: now, ending: 'superseded' })
  const consent = tx.create(PrivacyConsent, {
    ...grant,
    ...{ policyId, standing, isStanding: true, grantedAt: now },
    ...{ data: null, endedAt: null, ending: null },
    ...{ withdrawnChannel: null, withdrawalRecordedBy: null },
  })
  tx.persist(consent)
  if (!(await flushUnlessTaken(tx))) throw new LostRace()
  await record(request, tx, { action: 'consent.given', consent, channel: consent.channel })
  return consent
}

/** Gives a consent. @throws CONSENT_PURPOSE_UNKNOWN, CONSENT_VERSION_UNKNOWN */
export async function acrossTenantsGrant(request: ComplianceRequest, grant: Grant) {
  checkPurpose(grant.purpose)
  return untilWon(() =>
    transactional(request.acrossTenants(), (tx) => acrossTenantsGrantIn(request, tx, grant)),
  )
}

/** Ends a consent; null where none stood. @throws CONSENT_PURPOSE_UNKNOWN */
export async function acrossTenantsWithdraw(
  request: ComplianceRequest,
  withdrawal: Withdrawal,
): Promise<PrivacyConsent | null> {
  checkPurpose(withdrawal.purpose)
  const { channel, recordedBy: withdrawalRecordedBy } = withdrawal
  return untilWon(() =>
    transactional(request.acrossTenants(), async (tx) => {
      const before = await tx.findOne(PrivacyConsent, { standing: standingKey(withdrawal) })
      if (!before) return null
      const endedAt = request.clock.now()
      const end = { endedAt, ending: 'withdrawn', withdrawnChannel: channel } as const
      const consent = await close(tx, before.id, { ...end, withdrawalRecordedBy })
      await record(request, tx, { action: 'consent.withdrawn', consent, channel })
      return consent
    }),
  )
}
