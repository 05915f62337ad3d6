import { describe } from 'vitest'
import { provesItself } from '../../../kit/clients/proving.ts'
import { openUrqlOverEvents, openUrqlOverSocket } from '../../../kit/clients/urql.ts'
import { openUrqlOverFetch } from '../../../kit/clients/urql-over-fetch.ts'

describe('urql over graphql-ws', () => provesItself(openUrqlOverSocket, 'socket'))
describe('urql over graphql-sse', () => provesItself(openUrqlOverEvents, 'events'))
describe('urql over its own fetch', () => provesItself(openUrqlOverFetch, 'events'))
