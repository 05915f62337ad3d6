import { openWorld } from './kit/identity-world.ts'
import { describeIdentityRaces } from './race-suite.ts'

describeIdentityRaces('SQLite', openWorld)
