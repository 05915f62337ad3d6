import { PATIENT } from '../federation/leak-matrix.ts'
import { describeLeaks } from '../federation/leak-suite.ts'
import { startMariadbPlatform } from '../kit/mariadb-platform.ts'

describeLeaks('MariaDB', () => startMariadbPlatform(PATIENT))
