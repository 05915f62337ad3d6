import { describe } from 'vitest'
import { openApollo } from '../../../kit/clients/apollo.ts'
import { provesItself } from '../../../kit/clients/proving.ts'

describe('@apollo/client over graphql-ws', () => provesItself(openApollo, 'socket'))
