import { openMariadb } from '../kit/database.ts'
import { describeQuotas } from '../subgraphs/tenancy/quota-suite.ts'

describeQuotas('MariaDB', { open: (entities) => openMariadb(entities), runs: 5 })
