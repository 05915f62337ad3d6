import { describe } from 'vitest'
import { provesItself } from '../../../kit/clients/proving.ts'
import { openSdk } from '../../../kit/clients/sdk.ts'

describe('the SDK', () => {
  provesItself(openSdk, 'socket')
})
