import { describeRaces } from './race-suite.ts'

describeRaces('SQLite')
