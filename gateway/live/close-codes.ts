/**
 * Close codes of graphql-transport-ws, by what the client should do next: graphql-ws retries
 * `restart`, `tryLater`, `forbidden` and `lateIntroduction`, and takes all others for its own fault.
 */
export const CLOSE = {
  restart: 1012,
  tryLater: 1013,
  badMessage: 4400,
  notIntroduced: 4401,
  forbidden: 4403,
  badProtocol: 4406,
  lateIntroduction: 4408,
  idTaken: 4409,
  introducedTwice: 4429,
  broken: 4500,
} as const
