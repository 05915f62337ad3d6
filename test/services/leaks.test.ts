import { PATIENT } from '../federation/leak-matrix.ts'
import { describeLeaks } from '../federation/leak-suite.ts'
import { startMariadbPlatform } from '../kit/mariadb-platform.ts'

// The rules are those of the other engine, where more is tried.
describeLeaks('MariaDB', () => startMariadbPlatform(PATIENT), { mostPerField: 1 })
