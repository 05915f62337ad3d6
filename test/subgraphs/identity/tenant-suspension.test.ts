import { openWorld } from './kit/identity-world.ts'
import { describeTenantSuspension } from './tenant-suspension-suite.ts'

describeTenantSuspension('SQLite', () => openWorld())
