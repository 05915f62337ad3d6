import { builder } from '../builder.ts'
import type { SignedIn } from '../services/signed-in.ts'

const ReachEnum = builder.enumType('Reach', {
  description: 'How far a token reaches.',
  values: {
    NONE: { value: 'none', description: 'What concerns the person alone.' },
    PLATFORM: { value: 'platform', description: 'Every tenant.' },
    TENANT: { value: 'tenant', description: 'One tenant.' },
    GUILD: { value: 'guild', description: 'One guild.' },
  } as const,
})

export const AuthenticationType = builder.objectRef<SignedIn>('Authentication').implement({
  description: 'An open session with its tokens. They are told here and nowhere else.',
  fields: (t) => ({
    accessToken: t.exposeString('accessToken', {
      description: 'Goes with each request: `Authorization: Bearer …`.',
    }),
    accessTokenExpiresAt: t.field({
      type: 'DateTime',
      description: 'After five minutes, or when the first of its roles ends.',
      resolve: ({ accessTokenExpiresAt }) => accessTokenExpiresAt,
    }),
    refreshToken: t.exposeString('refreshToken', {
      description: 'Gets the next pair of tokens, once.',
    }),
    refreshTokenExpiresAt: t.field({
      type: 'DateTime',
      description: 'When it ends unused.',
      resolve: ({ refreshTokenExpiresAt }) => refreshTokenExpiresAt,
    }),
    sessionId: t.exposeID('sessionId', { description: 'The session, as `sessions` lists it.' }),
    userId: t.exposeID('userId', { description: 'Who signed in.' }),
    reach: t.field({
      type: ReachEnum,
      description: 'How far the access token reaches.',
      resolve: ({ rights }) => rights.reach.kind,
    }),
    tenantId: t.id({
      nullable: true,
      description: 'The tenant it reaches, if one.',
      resolve: ({ rights: { reach } }) => ('tenantId' in reach ? reach.tenantId : null),
    }),
    guildId: t.id({
      nullable: true,
      description: 'The guild it reaches, if one.',
      resolve: ({ rights: { reach } }) => ('guildId' in reach ? reach.guildId : null),
    }),
    scopes: t.stringList({
      description: 'What it allows there.',
      resolve: ({ rights }) => rights.scopes,
    }),
  }),
})

const SignInInput = builder.inputType('SignInInput', {
  description: 'Who signs in, and for what.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'The address of the account.' }),
    password: t.string({ required: true, description: 'Its password.' }),
    tenantId: t.id({
      description: 'The tenant to act in; absent: wherever the roles point to, if to one place.',
    }),
    guildId: t.id({ description: 'The guild to act in.' }),
  }),
})

const RefreshTokensInput = builder.inputType('RefreshTokensInput', {
  description: 'The refresh token at hand.',
  fields: (t) => ({
    refreshToken: t.string({ required: true, description: 'As it was given.' }),
  }),
})

builder.mutationFields((t) => ({
  signIn: t.field({
    type: AuthenticationType,
    auth: { public: true },
    description: 'Opens a session by e-mail address and password.',
    args: { input: t.arg({ type: SignInInput, required: true, description: 'Who.' }) },
    resolve: (_root, { input }, { signIn }) =>
      signIn.withPassword({
        email: input.email,
        password: input.password,
        tenantId: input.tenantId ?? null,
        guildId: input.guildId ?? null,
      }),
  }),
  refreshTokens: t.field({
    type: AuthenticationType,
    auth: { public: true },
    description: 'The next tokens of a session. A token that comes back later ends the session.',
    args: { input: t.arg({ type: RefreshTokensInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { rotation }) => rotation.refresh(input.refreshToken),
  }),
}))
