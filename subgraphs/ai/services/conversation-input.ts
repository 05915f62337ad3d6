import { holdsCardNumber } from '#kernel/card-numbers.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { MessageType } from '../entities/conversation-turn.ts'
import { aiError } from '../errors.ts'

type Absent = null | undefined

/** A message and its answer as the assistant hands them in. */
export type TurnInput = {
  userId: string
  tenantId?: string | Absent
  guildId?: string | Absent
  conversationId: string
  messageType: MessageType
  message: string
  response?: string | Absent
  intent?: string | Absent
  /** What was understood of the message. */
  entities?: Readonly<Record<string, unknown>> | Absent
  /** 0 to 1. */
  confidence?: number | Absent
  keptDays?: number | Absent
}

const CONVERSATION_ID = /^[\w.:-]{1,100}$/
const INTENT = /^[a-z][\w.:-]{0,99}$/
const LONGEST_TEXT = 10_000
/** How long a conversation is kept unless the assistant asks for less. */
const DAYS_KEPT = 90

const refuse = (field: string) => aiError('CONVERSATION_INVALID', { field })

function checkText(field: string, text: string): void {
  if (text.length === 0 || text.length > LONGEST_TEXT) throw refuse(field)
  if (holdsCardNumber(text)) throw aiError('CONVERSATION_CARD_REFUSED', { field })
}

/** A message and its answer as they are written down. */
export type Turn = ReturnType<typeof readTurn>

/** What is written down of a turn, checked. @throws CONVERSATION_INVALID, CONVERSATION_CARD_REFUSED */
export function readTurn(input: TurnInput) {
  const { userId, conversationId, messageType, message } = input
  const { response = null, intent = null, confidence = null } = input
  const keptDays = input.keptDays ?? DAYS_KEPT
  const entities = input.entities ? JSON.stringify(input.entities) : null
  if (!isDecimalId(userId)) throw refuse('userId')
  if (!CONVERSATION_ID.test(conversationId)) throw refuse('conversationId')
  if (intent !== null && !INTENT.test(intent)) throw refuse('intent')
  if (confidence !== null && !(confidence >= 0 && confidence <= 1)) throw refuse('confidence')
  if (!Number.isInteger(keptDays) || keptDays < 1 || keptDays > DAYS_KEPT) throw refuse('keptDays')
  checkText('message', message)
  if (response !== null) checkText('response', response)
  if (entities !== null) checkText('entities', entities)
  return {
    ...{ userId, conversationId, messageType, message, response, entities },
    ...{ intent, confidence, keptDays },
  }
}
