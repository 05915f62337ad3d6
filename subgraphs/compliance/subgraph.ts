import { fileURLToPath } from 'node:url'
import { PersonKey } from '#kernel/crypto/person-key.ts'
import { createGuildDeliveries } from '#kernel/guilds/guild-deliveries.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { createContext } from './context.ts'
import { Alert } from './entities/alert.ts'
import { AlertRule } from './entities/alert-rule.ts'
import { AuditChain } from './entities/audit-chain.ts'
import { AuditLog } from './entities/audit-log.ts'
import { Clearance } from './entities/clearance.ts'
import { CompliancePolicy } from './entities/compliance-policy.ts'
import { PrivacyConsent } from './entities/privacy-consent.ts'
import { createRoutes } from './routes.ts'
import { schema } from './schema.ts'
import { seedDemo } from './seed.ts'
import { auditCheckSchedules, createAuditChecks } from './services/audit/checks.ts'
import { createAuditCore } from './services/audit/core.ts'
import { headsFileOf } from './services/audit/heads-file.ts'
import { acrossTenantsVerifyAloud } from './services/audit/verify-command.ts'
import { clearanceSchedules, createClearanceJobs } from './services/clearance-jobs.ts'
import { clearanceDeliveries, createClearances } from './services/clearances.ts'
import { createKeyRewrap } from './services/key-rewrap.ts'

/** For the command `verify-audit`: looks again at the audit log, line by line. */
export const verifyAudit = acrossTenantsVerifyAloud
/** Where the embedded run writes down how far each chain was seen whole. */
export const auditHeadsFile = headsFileOf

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Compliance: what happened, what was agreed to, and whether somebody may bet. */
export const compliance: Subgraph = {
  name: 'compliance',
  schema,
  entities: [
    AuditLog,
    AuditChain,
    AlertRule,
    Alert,
    CompliancePolicy,
    PrivacyConsent,
    Clearance,
    GuildPlace,
    PersonKey,
  ],
  platformRowsVisible: [CompliancePolicy],
  migrations: {
    sqlite: folder('./migrations/sqlite'),
    mysql: folder('./migrations/mysql'),
  },
  open: async (deps) => {
    const { database } = deps
    const auditCore = createAuditCore(deps)
    const { chainKey, tail, alerts } = auditCore
    return {
      createContext: (request) => createContext({ ...deps, auditCore }, request),
      routes: createRoutes(createClearances(deps)),
      inbox: { ...createGuildDeliveries(), ...clearanceDeliveries, ...auditCore.inbox },
      jobs: { ...createClearanceJobs(deps), ...createAuditChecks(deps, { database, chainKey }) },
      schedules: [...clearanceSchedules, ...auditCheckSchedules],
      start: async () => {
        tail.start()
        alerts.start()
        return { stop: async () => void (await Promise.all([tail.stop(), alerts.stop()])) }
      },
      rewrapKeys: createKeyRewrap(deps),
      seed: () => seedDemo({ ...deps, auditCore }),
    }
  },
}
