import { createReadLog } from '#kernel/audit/read-log.ts'
import type { RequestContext } from '#kernel/graphql/builder.ts'
import type { SubgraphDeps } from '#kernel/service/subgraph.ts'
import { createAlertRules } from './services/alerts/alert-rules.ts'
import { createAlerts } from './services/alerts/alerts.ts'
import { createAuditTrail } from './services/audit/audit-trail.ts'
import { createChainVerification } from './services/audit/chain-verification.ts'
import type { AuditCore } from './services/audit/core.ts'
import { createConsents } from './services/consents.ts'
import { createLoggedGuilds } from './services/logged-guilds.ts'
import { createPolicies } from './services/policies.ts'
import type { ComplianceRequest } from './services/request.ts'

/** What the kernel hands over, with what all requests of one process share of the audit log. */
export type ComplianceDeps = SubgraphDeps & { auditCore: AuditCore }

export type ComplianceServices = ReturnType<typeof createServices>

/** What compliance's resolvers work with. */
export type ComplianceContext = RequestContext & ComplianceServices

/** What the capabilities of one asker work with. */
export const toRequest = (
  { database, clock, audit, services }: SubgraphDeps,
  { viewer }: Pick<RequestContext, 'viewer'>,
): ComplianceRequest => ({
  viewer,
  clock,
  audit,
  readLog: createReadLog({
    ...{ database, audit, viewer },
    loggedAmong: createLoggedGuilds(database.acrossTenants),
  }),
  read: () => database.fork(viewer.reach),
  acrossTenants: database.acrossTenants,
  services,
})

/** The capabilities of compliance for one asker: loaders are theirs alone. */
export function createServices(deps: ComplianceDeps, { viewer }: Pick<RequestContext, 'viewer'>) {
  const request = toRequest(deps, { viewer })
  const { database, events } = deps
  const { personKeys, chainKey, heads } = deps.auditCore
  return {
    policies: createPolicies(request),
    consents: createConsents(request),
    auditTrail: createAuditTrail({ request, events, personKeys }),
    chainVerification: createChainVerification(request, { database, chainKey }),
    alertRules: createAlertRules({ request, heads }),
    alerts: createAlerts({ request, events }),
  }
}

/** The context of one request. */
export const createContext = (
  deps: ComplianceDeps,
  request: RequestContext,
): ComplianceContext => ({
  ...request,
  ...createServices(deps, request),
})
