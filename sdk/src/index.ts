export type { AskOptions, ChangeOptions, Partially } from './asking.ts'
export { createDbsbm, type Dbsbm, type DbsbmOptions } from './client.ts'
export type { Credentials } from './credentials.ts'
export type { Typed, TypedDocument, TypedText } from './documents.ts'
export {
  CLIENT_ERRORS,
  type ClientErrorCode,
  DbsbmError,
  type DbsbmErrorCode,
  isDbsbmError,
  type PlatformError,
} from './errors.ts'
export type { FeedState } from './following.ts'
export { ERROR_CODES, type ErrorCode } from './generated/error-codes.ts'
export * from './generated/operations.ts'
export type { WebSocketImpl } from './socket.ts'
export type { SubscribeOptions, Subscription } from './subscription.ts'
export type { FeedEvent } from './subscription-messages.ts'
