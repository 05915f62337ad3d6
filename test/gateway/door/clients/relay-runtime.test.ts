import { describe } from 'vitest'
import { provesItself } from '../../../kit/clients/proving.ts'
import { openRelay } from '../../../kit/clients/relay.ts'

describe('relay-runtime', () => provesItself(openRelay, 'socket'))
