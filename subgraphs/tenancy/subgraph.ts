import { fileURLToPath } from 'node:url'
import { transactional } from '#kernel/db/database.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { createContext } from './context.ts'
import { Customization } from './entities/customization.ts'
import { FeatureFlag } from './entities/feature-flag.ts'
import { Guild } from './entities/guild.ts'
import { Quota } from './entities/quota.ts'
import { QuotaUse } from './entities/quota-use.ts'
import { Tenant } from './entities/tenant.ts'
import { schema } from './schema.ts'
import { seedDemo } from './seed.ts'
import {
  ANNOUNCE_GUILDS,
  announcementJob,
  createGuildAnnouncement,
} from './services/guild-announcement.ts'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Tenancy: tenants, guilds, quotas, customizations and feature flags. */
export const tenancy: Subgraph = {
  name: 'tenancy',
  schema,
  entities: [Tenant, Guild, Quota, QuotaUse, Customization, FeatureFlag],
  migrations: {
    sqlite: folder('./migrations/sqlite'),
    mysql: folder('./migrations/mysql'),
  },
  open: async (deps) => ({
    createContext: (request) => createContext(deps, request),
    seed: () => seedDemo(deps),
    jobs: { [ANNOUNCE_GUILDS]: createGuildAnnouncement(deps) },
    start: async (jobs) => {
      await transactional(deps.database.acrossTenants(), (tx) => jobs.enqueue(tx, announcementJob))
      return { stop: async () => {} }
    },
  }),
}
