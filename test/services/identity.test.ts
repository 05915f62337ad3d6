import { onMariadb } from '../kit/database.ts'
import {
  describeDefaultRoles,
  openIdentityDatabase,
} from '../subgraphs/identity/default-roles-suite.ts'
import { openMariadbWorld } from '../subgraphs/identity/kit/mariadb-world.ts'
import { describeIdentityRaces } from '../subgraphs/identity/race-suite.ts'
import { describeTenantSuspension } from '../subgraphs/identity/tenant-suspension-suite.ts'

describeIdentityRaces('MariaDB', openMariadbWorld)
describeTenantSuspension('MariaDB', () => openMariadbWorld())
describeDefaultRoles('MariaDB', () =>
  onMariadb(openIdentityDatabase, (database) => database.close()),
)
