import type { Viewer } from '#kernel/auth/viewer.ts'
import { aggregate } from '#kernel/db/aggregates.ts'
import { type ChildPage, createChildPages } from '#kernel/db/batches.ts'
import type { Page } from '#kernel/db/keyset-pages.ts'
import { findList, type ListQuery } from '#kernel/db/lists.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { isDecimalId } from '#kernel/ids.ts'
import { type ConsentChannel, PrivacyConsent } from '../entities/privacy-consent.ts'
import { complianceError } from '../errors.ts'
import { acrossTenantsGrant, acrossTenantsWithdraw } from './consent-changes.ts'
import { CONSENT_PURPOSES } from './consent-purposes.ts'
import { checkKnown } from './known-persons.ts'
import { acrossTenantsVersionsFor, policyFor } from './policies.ts'
import type { ComplianceRequest } from './request.ts'

/** A consent to end; the tenant is the viewer's own when absent. */
export type ConsentKey = {
  purpose: string
  channel: ConsentChannel
  tenantId?: string | null | undefined
}

export type NewConsent = ConsentKey & { version: string }

/** Of which person, where it is not the viewer. */
export type OfPerson = { userId: string }

export type ConsentPage = ChildPage & { standingOnly: boolean }

export const CONSENT_GROUPS = ['purpose', 'version', 'isStanding', 'channel', 'tenantId'] as const
export type ConsentGroup = (typeof CONSENT_GROUPS)[number]

const READ = { action: 'consents.read', resourceType: 'consent' } as const
const SCOPE = 'consents:read'

/** A key acts for its owner, but a person speaks for themselves alone. */
const isSelf = (viewer: Viewer, userId: string) =>
  viewer.kind === 'user' && viewer.userId === userId

/** @throws CONSENT_NEEDS_PERSON */
function requirePerson({ kind, userId }: Viewer): string {
  if (kind === 'user' && userId !== null) return userId
  throw complianceError('CONSENT_NEEDS_PERSON')
}

const tenantOfReach = ({ reach }: Viewer) =>
  reach.kind === 'tenant' || reach.kind === 'guild' ? reach.tenantId : null

const guildOfReach = ({ reach }: Viewer) => (reach.kind === 'guild' ? reach.guildId : null)

/**
 * The tenant to whom a consent is given: the viewer's own, or where they have none any that stands.
 * @throws CONSENT_TENANT_REQUIRED, CONSENT_TENANT_UNKNOWN
 */
async function acrossTenantsTenantOf(
  { viewer, acrossTenants }: ComplianceRequest,
  asked: string | null,
): Promise<string> {
  const own = tenantOfReach(viewer)
  const tenantId = asked ?? own
  if (tenantId === null) throw complianceError('CONSENT_TENANT_REQUIRED')
  if (tenantId === own) return tenantId
  const mayBe = own === null && isDecimalId(tenantId)
  const isKnown = mayBe && (await acrossTenants().count(GuildPlace, { tenantId })) > 0
  if (!isKnown) throw complianceError('CONSENT_TENANT_UNKNOWN')
  return tenantId
}

/** Consents of others concern a whole tenant. @throws CONSENT_TENANT_REQUIRED, CONSENT_TENANT_UNKNOWN, CONSENT_USER_INVALID */
async function acrossTenantsSubjectOf(
  request: ComplianceRequest,
  { userId, tenantId: asked }: OfPerson & Pick<ConsentKey, 'tenantId'>,
) {
  const { kind } = request.viewer.reach
  if (kind === 'none' || kind === 'guild') throw complianceError('CONSENT_TENANT_UNKNOWN')
  if (!isDecimalId(userId)) throw complianceError('CONSENT_USER_INVALID')
  const tenantId = await acrossTenantsTenantOf(request, asked ?? null)
  return { userId, tenantId, recordedBy: request.viewer.userId }
}

/** Whoever agreed may take it back, also after they left, and while identity does not answer. */
const acrossTenantsHasAgreed = async (
  { acrossTenants }: ComplianceRequest,
  { userId, tenantId }: { userId: string; tenantId: string },
): Promise<boolean> => (await acrossTenants().count(PrivacyConsent, { userId, tenantId })) > 0

function createConsentChanges(request: ComplianceRequest) {
  const { viewer } = request
  return {
    /**
     * The viewer's own. @throws CONSENT_NEEDS_PERSON, CONSENT_PURPOSE_UNKNOWN, CONSENT_VERSION_UNKNOWN,
     * CONSENT_TENANT_REQUIRED, CONSENT_TENANT_UNKNOWN
     */
    give: async ({ purpose, version, channel, tenantId }: NewConsent) => {
      const userId = requirePerson(viewer)
      const tenant = await acrossTenantsTenantOf(request, tenantId ?? null)
      const subject = { userId, tenantId: tenant, guildId: guildOfReach(viewer), recordedBy: null }
      return acrossTenantsGrant(request, { ...subject, purpose, version, channel })
    },
    /**
     * The viewer's own, in whatever tenant; null where none stood. @throws CONSENT_NEEDS_PERSON,
     * CONSENT_PURPOSE_UNKNOWN, CONSENT_TENANT_REQUIRED
     */
    withdraw: async ({ purpose, channel, ...asked }: ConsentKey) => {
      const userId = requirePerson(viewer)
      const tenantId = asked.tenantId ?? tenantOfReach(viewer)
      if (tenantId === null) throw complianceError('CONSENT_TENANT_REQUIRED')
      return acrossTenantsWithdraw(request, {
        userId,
        tenantId,
        purpose,
        channel,
        recordedBy: null,
      })
    },
    /**
     * Of another, as they said it elsewhere. @throws as `give`, CONSENT_USER_INVALID,
     * CONSENT_PERSON_UNKNOWN, SERVICE_UNREACHABLE, SERVICE_ANSWER_INVALID, identity's refusals
     */
    record: async ({ purpose, version, channel, ...whose }: NewConsent & OfPerson) => {
      const subject = await acrossTenantsSubjectOf(request, whose)
      await checkKnown(request, subject)
      return acrossTenantsGrant(request, { ...subject, guildId: null, purpose, version, channel })
    },
    /** Of another; null where none stood. @throws as `record` */
    recordWithdrawal: async ({ purpose, channel, ...whose }: ConsentKey & OfPerson) => {
      const subject = await acrossTenantsSubjectOf(request, whose)
      if (!(await acrossTenantsHasAgreed(request, subject))) await checkKnown(request, subject)
      return acrossTenantsWithdraw(request, { ...subject, purpose, channel })
    },
  }
}

function createConsentPages({ viewer, read, acrossTenants, readLog }: ComplianceRequest) {
  const pagesOf = (from: typeof read, where: { isStanding?: true }) =>
    createChildPages(from, PrivacyConsent, { parent: 'userId', where })
  const byReach = { all: pagesOf(read, {}), standing: pagesOf(read, { isStanding: true }) }
  const acrossTenantsOwn = {
    all: pagesOf(acrossTenants, {}),
    standing: pagesOf(acrossTenants, { isStanding: true }),
  }
  const noted = async (page: Page<PrivacyConsent>) => {
    await readLog.note(
      page.edges.map(({ node }) => node),
      READ,
    )
    return page
  }
  return {
    noted,
    /** All of one's own; of others, those within reach. @throws CONSENTS_OF_OTHERS */
    ofUser: async (userId: string, { standingOnly, ...page }: ConsentPage) => {
      const which = standingOnly ? 'standing' : 'all'
      if (isSelf(viewer, userId)) return acrossTenantsOwn[which](userId, page)
      if (!viewer.scopes.includes(SCOPE))
        throw complianceError('CONSENTS_OF_OTHERS', { scope: SCOPE })
      return noted(await byReach[which](userId, page))
    },
  }
}

export type Consents = ReturnType<typeof createConsents>

/** Consents: who agreed to what, from grant to end. */
export function createConsents(request: ComplianceRequest) {
  const { viewer, read, acrossTenants, clock, readLog } = request
  const { noted, ofUser } = createConsentPages(request)
  const acrossTenantsOwnById = (id: string) =>
    viewer.kind === 'user' && viewer.userId !== null
      ? acrossTenants().findOne(PrivacyConsent, { id, userId: viewer.userId })
      : null
  return {
    ...createConsentChanges(request),
    ofUser,
    /** One's own, or one within reach with the scope; null for any other. */
    byId: async (id: string): Promise<PrivacyConsent | null> => {
      if (!isDecimalId(id)) return null
      const own = await acrossTenantsOwnById(id)
      if (own || !viewer.scopes.includes(SCOPE)) return own
      const found = await read().findOne(PrivacyConsent, { id })
      if (found) await readLog.note([found], READ)
      return found
    },
    page: async (query: ListQuery<PrivacyConsent>) =>
      noted(await findList(read(), PrivacyConsent, query)),
    counts: ({ where, groupBy }: { where?: Where | null | undefined; groupBy: ConsentGroup[] }) => {
      const em = read()
      const condition = toCondition(em, PrivacyConsent, where)
      return aggregate(em, PrivacyConsent, { where: condition, groupBy, measured: [] })
    },
    /**
     * What can be agreed to, each with the policy in force. @throws CONSENT_TENANT_UNKNOWN for a
     * tenant that is not the viewer's
     */
    acrossTenantsPurposes: async (asked: string | null) => {
      const isPlatform = asked === null && tenantOfReach(viewer) === null
      const tenantId = isPlatform ? null : await acrossTenantsTenantOf(request, asked)
      const types = Object.keys(CONSENT_PURPOSES)
      const versions = await acrossTenantsVersionsFor(acrossTenants(), { tenantId, types })
      return Object.entries(CONSENT_PURPOSES).map(([purpose, description]) => {
        const ofPurpose = versions.filter(({ type }) => type === purpose)
        const policy = policyFor(ofPurpose, { tenantId, at: clock.now() })
        return { purpose, description, policy }
      })
    },
  }
}
