/** Who signs access tokens, as their `iss` says (RFC 9068). */
export const ACCESS_TOKEN_ISSUER = 'dbsbm'

/** Whom they are for, as their `aud` says: the gateway alone. */
export const ACCESS_TOKEN_AUDIENCE = 'dbsbm-gateway'
