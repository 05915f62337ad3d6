import { fileURLToPath } from 'node:url'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { createContext } from './context.ts'
import { IDENTITY_ENTITIES } from './entities/all-entities.ts'
import { Role } from './entities/role.ts'
import { createRoutes } from './routes.ts'
import { schema } from './schema.ts'
import { seedDemo } from './seed.ts'
import { createCore } from './services/core.ts'
import { ensureFirstOperator } from './services/first-operator.ts'
import { createGuildTenantInbox } from './services/guild-tenants.ts'
import { createKeyRewrap } from './services/key-rewrap.ts'
import { createTenantStandingInbox } from './services/tenant-standings.ts'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Identity: people, how they sign in, what they may do, and what happened to their rights. */
export const identity: Subgraph = {
  name: 'identity',
  schema,
  entities: IDENTITY_ENTITIES,
  platformRowsVisible: [Role],
  migrations: {
    sqlite: folder('./migrations/sqlite'),
    mysql: folder('./migrations/mysql'),
  },
  open: async (deps) => {
    const core = createCore(deps)
    return {
      createContext: (request) => createContext(core, request),
      routes: createRoutes(core),
      inbox: { ...createGuildTenantInbox(core), ...createTenantStandingInbox(core) },
      jobs: {
        'signing-keys.rotate': async () => {
          await core.signingKeys.rotateIfDue()
        },
        'known-networks.forget': async () => {
          await core.knownNetworks.forgetOld()
        },
      },
      schedules: [
        {
          name: 'signing-keys',
          cron: '17 3 * * *',
          timezone: 'Etc/UTC',
          kind: 'signing-keys.rotate',
        },
        {
          name: 'known-networks',
          cron: '27 3 * * *',
          timezone: 'Etc/UTC',
          kind: 'known-networks.forget',
        },
      ],
      start: async () => {
        if (deps.firstOperator) await ensureFirstOperator(core, deps.firstOperator)
        return { stop: async () => {} }
      },
      rewrapKeys: createKeyRewrap(deps, core),
      seed: () => seedDemo(core),
    }
  },
}
