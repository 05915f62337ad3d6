import { describe } from 'vitest'
import { openGraphqlWs } from '../../../kit/clients/graphql-ws.ts'
import { provesItself } from '../../../kit/clients/proving.ts'

describe('graphql-ws', () => provesItself(openGraphqlWs, 'socket'))
