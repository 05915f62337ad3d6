import { LockMode } from '@mikro-orm/core'
import { z } from 'zod'
import type { Audit } from '#kernel/audit/audit.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import type { Clock } from '#kernel/clock.ts'
import { flushUnlessTaken, updateWhere } from '#kernel/db/conditional-writes.ts'
import { type Database, type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { kernelError } from '#kernel/errors.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { InboxHandlers } from '#kernel/service/subgraph.ts'
import { Clearance, type ClearanceKind } from '../entities/clearance.ts'
import { PrivacyConsent } from '../entities/privacy-consent.ts'
import { complianceError } from '../errors.ts'
import { standingKey } from './consent-changes.ts'
import type { ConsentPurpose } from './consent-purposes.ts'
import { acrossTenantsVersionsFor, policyFor } from './policies.ts'

export type ClearanceQuestion = {
  kind: ClearanceKind
  userId: string
  tenantId: string
  guildId: string
  /** Minor units. */
  amount: bigint
  currency: string
  idempotencyKey: string
}

/** What the person has not agreed to: the version in force, null where there is none yet. */
export type MissingConsent = { purpose: ConsentPurpose; version: string | null }

/** What the asker hears. */
export type ClearanceAnswer = {
  clearanceId: string
  answer: 'yes' | 'no'
  /** Why not. */
  code: string | null
  /** Whether the answer was given without the rules of player protection. */
  isProvisional: boolean
  /** The answer as a sentence. */
  says: string
  missing: MissingConsent | null
}

export type ClearanceDeps = { database: Database; clock: Clock; audit: Audit }

type Verdict = Pick<ClearanceAnswer, 'answer' | 'code' | 'missing'>

/** A clearance with what is missing for a yes, which only the moment knows. */
type Answered = { clearance: Clearance; missing: MissingConsent | null }

/** How long an answer is kept for its asker. */
const RESERVED_MS = 60_000
const CONSENT_REQUIRED = 'CONSENT_REQUIRED'
const SAYS = {
  yes: 'Player protection is not built yet: the answer is yes.',
  no: 'Compliance mode is on here, and the person has not agreed to the terms in force.',
} as const

function toAnswer({ clearance: { id, answer, code }, missing }: Answered): ClearanceAnswer {
  const isProvisional = answer === 'yes'
  return { clearanceId: id, answer, code: code ?? null, isProvisional, says: SAYS[answer], missing }
}

/** Null where the person has agreed to what is in force. */
async function acrossTenantsMissing(
  tx: SqlEntityManager,
  { userId, tenantId }: ClearanceQuestion,
  at: Date,
): Promise<MissingConsent | null> {
  const purpose = 'terms'
  const standing = standingKey({ userId, tenantId, purpose })
  const consent = await tx.findOne(PrivacyConsent, { standing })
  const versions = await acrossTenantsVersionsFor(tx, { tenantId, types: [purpose] })
  const policy = policyFor(versions, { tenantId, at })
  const hasAgreed = consent !== null && (policy === null || policy.id === consent.policyId)
  return hasAgreed ? null : { purpose, version: policy?.version ?? null }
}

/** Null where whose rules hold is not known. */
async function acrossTenantsDecide(
  tx: SqlEntityManager,
  question: ClearanceQuestion,
  at: Date,
): Promise<Verdict | null> {
  const { guildId, tenantId } = question
  const guild = await tx.findOne(GuildPlace, { guildId, tenantId })
  if (!guild) return null
  const missing = guild.complianceMode ? await acrossTenantsMissing(tx, question, at) : null
  if (missing === null) return { answer: 'yes', code: null, missing }
  return { answer: 'no', code: CONSENT_REQUIRED, missing }
}

/** As it stands at this moment, kept from others until commit. @throws CLEARANCE_NOT_FOUND */
async function acrossTenantsLocked(tx: SqlEntityManager, id: string): Promise<Clearance> {
  const clearance = await tx.findOne(
    Clearance,
    { id },
    { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true },
  )
  if (!clearance) throw complianceError('CLEARANCE_NOT_FOUND')
  return clearance
}

const FACTS = ['userId', 'tenantId', 'guildId', 'amount', 'currency'] as const

/** The clearance that stands under this key, if it answers the same. @throws IDEMPOTENCY_KEY_REUSED */
async function acrossTenantsRepeated(tx: SqlEntityManager, question: ClearanceQuestion) {
  const { kind, idempotencyKey } = question
  const known = await tx.findOne(Clearance, { kind, idempotencyKey })
  if (!known) return null
  const isSame = FACTS.every((fact) => known[fact] === question[fact])
  if (!isSame) throw kernelError('IDEMPOTENCY_KEY_REUSED')
  return acrossTenantsLocked(tx, known.id)
}

type Asked = {
  question: ClearanceQuestion
  viewer: Viewer
  /** Nearly every question is: nobody looks for it until one stands under its key. */
  isNew: boolean
}

async function recordRefusal(
  { audit }: ClearanceDeps,
  tx: SqlEntityManager,
  asked: Asked & Verdict & { id: string },
) {
  const { viewer, id } = asked
  const { kind, userId, tenantId, guildId, amount, currency } = asked.question
  await audit.record(tx, {
    ...{ viewer, action: `${kind}.clearance`, outcome: 'refused', tenantId, guildId },
    resource: { type: 'clearance', id },
    details: { userId, amount: String(amount), currency, reason: asked.code, ...asked.missing },
  })
}

/** The clearance, or null when another process wrote it meanwhile. */
async function acrossTenantsWrite(
  tx: SqlEntityManager,
  question: ClearanceQuestion,
  {
    now,
    ...fresh
  }: Pick<Clearance, 'answer' | 'status' | 'expiresAt'> & {
    code: string | null
    now: Date
  },
): Promise<Clearance | null> {
  const clearance = tx.create(Clearance, { ...question, ...fresh, resource: null, createdAt: now })
  tx.persist(clearance)
  return (await flushUnlessTaken(tx)) ? clearance : null
}

/**
 * The clearance, or null when it may have been asked for before: then it is to be looked for. A repeated question
 * is answered as things stand now, except that what was used stays a yes.
 * @throws CLEARANCE_GUILD_UNKNOWN, IDEMPOTENCY_KEY_REUSED
 */
async function acrossTenantsAnswerIn(
  deps: ClearanceDeps,
  tx: SqlEntityManager,
  asked: Asked,
): Promise<Answered | null> {
  const { question } = asked
  const known = asked.isNew ? null : await acrossTenantsRepeated(tx, question)
  if (known?.status === 'confirmed') return { clearance: known, missing: null }
  const now = deps.clock.now()
  const decided = await acrossTenantsDecide(tx, question, now)
  if (!decided && asked.isNew) return null
  if (!decided) throw complianceError('CLEARANCE_GUILD_UNKNOWN')
  const { missing, ...verdict } = decided
  const status = verdict.answer === 'yes' ? 'reserved' : 'refused'
  const fresh = { ...verdict, status, expiresAt: new Date(now.getTime() + RESERVED_MS) } as const
  const wasRefused = known?.status === 'refused'
  const clearance = known
    ? tx.assign(known, fresh)
    : await acrossTenantsWrite(tx, question, { ...fresh, now })
  await tx.flush()
  if (!clearance) return null
  const isNews = status === 'refused' && !wasRefused
  if (isNews) await recordRefusal(deps, tx, { ...asked, ...verdict, missing, id: clearance.id })
  return { clearance, missing }
}

const Id = z.string().refine(isDecimalId)
const Confirmed = z.object({ clearanceId: Id, resource: z.string().regex(/^[\w.:-]{1,100}$/) })
const Released = z.object({ clearanceId: Id })

/** @throws CLEARANCE_INVALID */
function readPayload<Payload>(form: z.ZodType<Payload>, payload: unknown): Payload {
  const parsed = form.safeParse(payload)
  if (parsed.success) return parsed.data
  throw complianceError('CLEARANCE_INVALID', {}, { cause: parsed.error })
}

/**
 * What became of clearances. What was used counts, however late it is told: it stands in the books
 * of whoever asked. What was used is never released.
 */
export const clearanceDeliveries: InboxHandlers = {
  'clearance.confirmed': async (tx, { payload }) => {
    const { clearanceId: id, resource } = readPayload(Confirmed, payload)
    const confirmed = await updateWhere(tx, Clearance, {
      where: { id, status: { $ne: 'confirmed' } },
      set: { status: 'confirmed', answer: 'yes', code: null, resource },
    })
    // Confirmed before, or none at all.
    if (confirmed === 0) await acrossTenantsLocked(tx, id)
  },
  'clearance.released': async (tx, { payload }) => {
    const { clearanceId } = readPayload(Released, payload)
    const clearance = await acrossTenantsLocked(tx, clearanceId)
    if (clearance.status !== 'reserved' && clearance.status !== 'expired') return
    tx.assign(clearance, { status: 'released' })
    await tx.flush()
  },
}

export type Clearances = ReturnType<typeof createClearances>

/** Answers to "may this person bet or deposit so much here?". */
export function createClearances(deps: ClearanceDeps) {
  const acrossTenantsTry = (asked: Asked) =>
    transactional(deps.database.acrossTenants(), (tx) => acrossTenantsAnswerIn(deps, tx, asked))
  return {
    /** @throws CLEARANCE_GUILD_UNKNOWN, IDEMPOTENCY_KEY_REUSED */
    answer: async (question: ClearanceQuestion, viewer: Viewer): Promise<ClearanceAnswer> => {
      for (let isNew = true; ; isNew = false) {
        const answered = await acrossTenantsTry({ question, viewer, isNew })
        if (answered) return toAnswer(answered)
      }
    },
  }
}
