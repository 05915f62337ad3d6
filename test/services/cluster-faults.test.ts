import { test } from 'vitest'
import { proveFaultsSlice } from '../prove/faults-slice.ts'

test(
  'a cluster whose service and gateway are killed and whose Redis is emptied under load loses nothing',
  {
    timeout: 900_000,
  },
  proveFaultsSlice,
)
