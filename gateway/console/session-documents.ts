const SESSION = `
    accessToken
    accessTokenExpiresAt
    refreshToken
    refreshTokenExpiresAt
    sessionId
    userId
    reach
    tenantId
    guildId
    scopes`

/** What the console's session asks of identity, for a gateway that takes listed documents alone. */
export const SESSION_DOCUMENTS = {
  start: `mutation StartConsoleSession($input: SignInInput!) {
  session: signIn(input: $input) {${SESSION}
  }
}`,
  renew: `mutation RenewConsoleSession($input: RefreshTokensInput!) {
  session: refreshTokens(input: $input) {${SESSION}
  }
}`,
  end: `mutation EndConsoleSession {
  signOut(input: {}) {
    id
  }
}`,
} as const
