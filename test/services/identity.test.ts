import { openMariadbWorld } from '../subgraphs/identity/kit/mariadb-world.ts'
import { describeIdentityRaces } from '../subgraphs/identity/race-suite.ts'

describeIdentityRaces('MariaDB', () => openMariadbWorld())
