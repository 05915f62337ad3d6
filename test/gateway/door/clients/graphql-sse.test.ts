import { describe } from 'vitest'
import { openGraphqlSse } from '../../../kit/clients/graphql-sse.ts'
import { provesItself } from '../../../kit/clients/proving.ts'

describe('graphql-sse', () => provesItself(openGraphqlSse, 'events'))
