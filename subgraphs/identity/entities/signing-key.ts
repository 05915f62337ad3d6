import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, timeColumn } from '#kernel/db/columns.ts'

const SigningKeySchema = defineEntity({
  name: 'SigningKey',
  tableName: 'signing_keys',
  properties: {
    id: idColumn(),
    kid: p.string().length(22).unique(),
    /** `x` of the public JWK (RFC 8037). */
    publicKey: p.string().length(43),
    /** `d` of the private JWK, sealed under the operator's key of `keyVersion`. */
    privateKey: p.string().length(255),
    keyVersion: p.integer(),
    createdAt: timeColumn(),
    /** It signs from here on, so that readers of the JWKS know it before. */
    signsFrom: timeColumn(),
  },
})

/** An Ed25519 key that signs access tokens. */
export class SigningKey extends SigningKeySchema.class {}
SigningKeySchema.setClass(SigningKey)
