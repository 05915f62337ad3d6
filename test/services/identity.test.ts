import { openMariadbWorld } from '../subgraphs/identity/kit/mariadb-world.ts'
import { describeIdentityRaces } from '../subgraphs/identity/race-suite.ts'
import { describeTenantSuspension } from '../subgraphs/identity/tenant-suspension-suite.ts'

describeIdentityRaces('MariaDB', openMariadbWorld)
describeTenantSuspension('MariaDB', () => openMariadbWorld())
