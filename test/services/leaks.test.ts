import { describeLeaks } from '../federation/leak-suite.ts'
import { startMariadbPlatform } from '../kit/mariadb-platform.ts'

describeLeaks('MariaDB', startMariadbPlatform)
