import { describe } from 'vitest'
import { openApollo } from '../../../kit/clients/apollo.ts'
import { openApolloOverParts } from '../../../kit/clients/apollo-over-parts.ts'
import { provesItself } from '../../../kit/clients/proving.ts'

describe('@apollo/client over graphql-ws', () => provesItself(openApollo, 'socket'))
describe('@apollo/client in parts', () => provesItself(openApolloOverParts, 'events'))
