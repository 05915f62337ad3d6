import { CONNECTION_SIZE } from '#kernel/graphql/builder.ts'
import { toConnection } from '#kernel/graphql/connections.ts'
import { createWhereInput } from '#kernel/graphql/list-arguments.ts'
import { builder } from '../builder.ts'
import type { ConversationTurn } from '../entities/conversation-turn.ts'
import { MAY } from '../scopes.ts'
import { GuildType, TenantType } from './place.ts'

const MessageTypeEnum = builder.enumType('MessageType', {
  description: 'How a person spoke to the assistant.',
  values: {
    TEXT: { value: 'text', description: 'In words.' },
    COMMAND: { value: 'command', description: 'By a command.' },
    BUTTON: { value: 'button', description: 'By a button.' },
  } as const,
})

export const ConversationTurnType = builder
  .objectRef<ConversationTurn>('ConversationTurn')
  .implement({
    description: 'One message of a person to the assistant, and its answer.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      conversationId: t.exposeString('conversationId', {
        description: 'The assistant’s name of the conversation.',
      }),
      userId: t.exposeID('userId', { description: 'Who spoke.' }),
      tenant: t.field({
        type: TenantType,
        nullable: true,
        description: 'Where.',
        resolve: ({ tenantId }) => ({ id: tenantId }),
      }),
      guild: t.field({
        type: GuildType,
        nullable: true,
        description: 'In which guild; null outside of guilds.',
        resolve: ({ guildId }) => (guildId == null ? null : { id: guildId }),
      }),
      type: t.field({
        type: MessageTypeEnum,
        description: 'How they spoke.',
        resolve: ({ messageType }) => messageType,
      }),
      message: t.string({
        nullable: true,
        description: 'What they said; null once their data was erased.',
        resolve: (turn, _args, { conversations }) => conversations.messageOf(turn),
      }),
      response: t.string({
        nullable: true,
        description: 'What the assistant answered; null where it said nothing.',
        resolve: (turn, _args, { conversations }) => conversations.responseOf(turn),
      }),
      entities: t.field({
        type: 'JSONObject',
        nullable: true,
        description: 'What the assistant understood of it.',
        resolve: (turn, _args, { conversations }) => conversations.entitiesOf(turn),
      }),
      intent: t.string({
        nullable: true,
        description: 'What the assistant took it for.',
        resolve: ({ intentRecognized }) => intentRecognized ?? null,
      }),
      confidence: t.float({
        nullable: true,
        description: 'How sure the assistant was, 0 to 1.',
        resolve: ({ confidenceScore }) =>
          confidenceScore == null ? null : Number(confidenceScore),
      }),
      at: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => at }),
      keptUntil: t.field({
        type: 'DateTime',
        description: 'When it is deleted.',
        resolve: ({ retentionUntil }) => retentionUntil,
      }),
    }),
  })

export const ConversationConnection = builder.connectionObject({
  type: ConversationTurnType,
  name: 'ConversationTurnConnection',
})

const ConversationWhere = createWhereInput(builder, 'ConversationWhere', {
  conversationId: 'String',
  guildId: 'ID',
  messageType: MessageTypeEnum as never,
  intentRecognized: 'String',
  at: 'DateTime',
})

builder.queryFields((t) => ({
  conversations: t.connection(
    {
      type: ConversationTurnType,
      nullable: true,
      auth: { authenticated: true },
      description:
        'What a person said to the assistant, newest first: your own, or with conversations:read that of others within reach.',
      listSize: CONNECTION_SIZE,
      args: {
        userId: t.arg.id({ description: 'Whose; absent for your own.' }),
        where: t.arg({ type: ConversationWhere, description: 'Which of them.' }),
      },
      resolve: async (_root, { userId, where, ...page }, { conversations }) =>
        toConnection(await conversations.page({ userId, where, page })),
    },
    ConversationConnection,
  ),
}))

const TurnInput = builder.inputType('ConversationTurnInput', {
  description: 'A message and its answer.',
  fields: (t) => ({
    userId: t.id({
      required: true,
      description:
        'Who spoke: you, or somebody known in the guild, or in the tenant outside of guilds.',
    }),
    tenantId: t.id({ description: 'The tenant; absent for your own, or that of the guild.' }),
    guildId: t.id({ description: 'The guild; absent outside of guilds, or for your own.' }),
    conversationId: t.string({
      required: true,
      description: 'Your name of the conversation: 1 to 100 letters, digits and ._:-',
    }),
    messageType: t.field({
      type: MessageTypeEnum,
      required: true,
      description: 'How they spoke.',
    }),
    message: t.string({ required: true, description: 'What they said, 10000 characters at most.' }),
    response: t.string({ description: 'What you answered, 10000 characters at most.' }),
    intent: t.string({ description: 'What you took it for: a code in small letters.' }),
    entities: t.field({ type: 'JSONObject', description: 'What you understood of it.' }),
    confidence: t.float({ description: 'How sure you were, 0 to 1.' }),
    keptDays: t.int({ description: 'Days to keep it, 1 to 90; 90 if absent.' }),
  }),
})

builder.mutationFields((t) => ({
  recordConversationTurn: t.field({
    type: ConversationTurnType,
    nullable: true,
    auth: MAY.writeConversations,
    description:
      'Writes down what a person known at the place said to the assistant, and its answer.',
    args: { input: t.arg({ type: TurnInput, required: true, description: 'What was said.' }) },
    resolve: (_root, { input }, { conversations }) => conversations.record(input),
  }),
}))
