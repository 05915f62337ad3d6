import { startPlatform } from '../kit/platform.ts'
import { describeLeaks } from './leak-suite.ts'

describeLeaks('SQLite', () => startPlatform())
