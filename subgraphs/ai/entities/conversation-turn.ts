import { defineEntity, p } from '@mikro-orm/core'
import { idColumn, refColumn, timeColumn } from '#kernel/db/columns.ts'

export const MESSAGE_TYPES = ['text', 'command', 'button'] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

const ConversationTurnSchema = defineEntity({
  name: 'ConversationTurn',
  tableName: 'nlp_conversations',
  indexes: [
    { name: 'idx_conversation_time', properties: ['conversationId', 'at'] },
    { name: 'idx_conversation_person', properties: ['userId', 'id'] },
    { name: 'idx_conversation_retention', properties: ['retentionUntil', 'id'] },
  ],
  properties: {
    id: idColumn(),
    tenantId: refColumn(),
    guildId: refColumn().nullable(),
    userId: refColumn(),
    /** The assistant's own name of the conversation. */
    conversationId: p.string().length(100),
    messageType: p.string().length(20).$type<MessageType>(),
    /** What the person said, the assistant's answer and what it understood: under the person's key. */
    messageContent: p.text(),
    responseGenerated: p.text().nullable(),
    entitiesExtracted: p.text().nullable(),
    /** A code of the assistant's. */
    intentRecognized: p.string().length(100).nullable(),
    confidenceScore: p.decimal('number').precision(5).scale(4).nullable(),
    at: timeColumn().fieldName('timestamp'),
    /** Deleted after this. */
    retentionUntil: timeColumn(),
  },
})

/** One message of a person to the assistant, and its answer. */
export class ConversationTurn extends ConversationTurnSchema.class {}
ConversationTurnSchema.setClass(ConversationTurn)
