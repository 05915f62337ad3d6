import { test } from 'vitest'
import { proveUpgradeSlice } from '../prove/upgrade-slice.ts'

test(
  'a service and a gateway are replaced under load by code that is a migration ahead, and nothing is lost',
  {
    timeout: 900_000,
  },
  proveUpgradeSlice,
)
