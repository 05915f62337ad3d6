import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { builder } from '../builder.ts'
import type { ApiKey } from '../entities/api-key.ts'
import { MAY } from '../scopes.ts'
import type { IssuedKey } from '../services/api-keys.ts'

export const ApiKeyType = builder.objectRef<ApiKey>('ApiKey').implement({
  description: 'A key with which a program acts for a person.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }),
    prefix: t.string({
      description: 'How its text begins.',
      resolve: ({ publicId }) => `dsk_live_${publicId}`,
    }),
    name: t.exposeString('name', { description: 'What it is called.' }),
    userId: t.exposeID('userId', { description: 'For whom it acts.' }),
    tenantId: t.exposeID('tenantId', { nullable: true, description: 'The tenant it works in.' }),
    guildId: t.exposeID('guildId', { nullable: true, description: 'The guild it works in.' }),
    scopes: t.exposeStringList('scopes', {
      description: 'What it may do, as far as its owner still may.',
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was issued.',
      resolve: ({ createdAt }) => createdAt,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ends; null for no end.',
      resolve: ({ expiresAt }) => expiresAt ?? null,
    }),
    revokedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was ended; null while it was not.',
      resolve: ({ revokedAt }) => revokedAt ?? null,
    }),
    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, exact to a minute.',
      resolve: ({ lastUsedAt }) => lastUsedAt ?? null,
    }),
  }),
})

const ApiKeyConnection = builder.connectionObject({ type: ApiKeyType, name: 'ApiKeyConnection' })

const IssuedApiKey = builder.objectRef<IssuedKey>('IssuedApiKey').implement({
  description: 'A key with its text, which is told here and nowhere else.',
  fields: (t) => ({
    apiKey: t.field({
      type: ApiKeyType,
      description: 'The key.',
      resolve: ({ apiKey }) => apiKey,
    }),
    text: t.exposeString('text', { description: 'Goes with each request: `Bearer dsk_…`.' }),
  }),
})

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'A new key of your own.',
  fields: (t) => ({
    name: t.string({ required: true, description: '1 to 100 characters.' }),
    scopes: t.stringList({ required: true, description: 'None above your own.' }),
    tenantId: t.id({ description: 'The tenant; absent: where you have signed in for.' }),
    guildId: t.id({ description: 'The guild.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when; absent: without end.' }),
  }),
})

const ApiKeyIdInput = builder.inputType('ApiKeyIdInput', {
  description: 'Names a key.',
  fields: (t) => ({ apiKeyId: t.id({ required: true, description: 'Which.' }) }),
})

builder.queryField('apiKeys', (t) =>
  t.connection(
    {
      type: ApiKeyType,
      nullable: true,
      auth: { authenticated: true },
      description: 'Your keys, newest first.',
      listSize: CONNECTION_SIZE,
      resolve: async (_root, page, { apiKeys }) => toConnection(await apiKeys.listOwn(page)),
    },
    ApiKeyConnection,
  ),
)

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: IssuedApiKey,
    nullable: true,
    auth: MAY.writeKeys,
    description: 'Issues a key within your rights.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'What.' }) },
    resolve: (_root, { input }, { apiKeys }) =>
      apiKeys.create({
        name: input.name,
        scopes: input.scopes,
        tenantId: input.tenantId ?? null,
        guildId: input.guildId ?? null,
        expiresAt: input.expiresAt ?? null,
      }),
  }),
  rotateApiKeySecret: t.field({
    type: IssuedApiKey,
    nullable: true,
    auth: MAY.writeKeys,
    description: 'Gives one of your keys a new secret; the one before works for another day.',
    args: { input: t.arg({ type: ApiKeyIdInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { apiKeys }) => apiKeys.rotate(input.apiKeyId),
  }),
  revokeApiKey: t.field({
    type: ApiKeyType,
    nullable: true,
    auth: { authenticated: true },
    description: 'Ends a key: yours, or with `keys:write` another’s within reach.',
    args: { input: t.arg({ type: ApiKeyIdInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { apiKeys }) => apiKeys.revoke(input.apiKeyId),
  }),
}))
