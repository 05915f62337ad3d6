import { startPlatform } from '../kit/platform.ts'
import { PATIENT } from './leak-matrix.ts'
import { describeLeaks } from './leak-suite.ts'

describeLeaks('SQLite', () => startPlatform({ env: PATIENT }), { mostPerField: 2 })
