import type { Viewer } from '#kernel/auth/viewer.ts'
import { keysWithin } from '#kernel/crypto/person-key-rows.ts'
import type { ColumnContext, EncryptedValue, PersonKeys } from '#kernel/crypto/person-keys.ts'
import { createBatch } from '#kernel/db/batches.ts'
import { type SqlEntityManager, transactional } from '#kernel/db/database.ts'
import { findPage, type Page, type PageArguments } from '#kernel/db/keyset-pages.ts'
import { toCondition, type Where } from '#kernel/db/where.ts'
import { GuildPlace } from '#kernel/guilds/guild-place.ts'
import { isDecimalId } from '#kernel/ids.ts'
import type { KnownPlace } from '#kernel/service/known-person.ts'
import { ConversationTurn } from '../entities/conversation-turn.ts'
import { aiError } from '../errors.ts'
import { readTurn, type Turn, type TurnInput } from './conversation-input.ts'
import { checkKnown } from './known-persons.ts'
import type { AiRequest } from './request.ts'

export const TURN_COLUMNS = {
  message: { context: 'nlp_conversations.message_content' },
  response: { context: 'nlp_conversations.response_generated' },
  entities: { context: 'nlp_conversations.entities_extracted' },
} as const satisfies Record<string, ColumnContext>

const DAY_MS = 86_400_000

/** Turns as a client asks for them; without a person, the asker's own. */
export type TurnQuery = {
  userId?: string | null | undefined
  where?: Where | null | undefined
  page: PageArguments
}

const EMPTY: Page<ConversationTurn> = { edges: [], hasNextPage: false, hasPreviousPage: false }

/** Where a turn belongs, within the viewer's reach. @throws CONVERSATION_TENANT_REQUIRED, CONVERSATION_GUILD_FOREIGN */
async function placeOf(
  { viewer: { reach }, read }: AiRequest,
  input: TurnInput,
): Promise<KnownPlace> {
  const own = reach.kind === 'tenant' || reach.kind === 'guild' ? reach.tenantId : null
  const guildId = input.guildId ?? (reach.kind === 'guild' ? reach.guildId : null)
  if (guildId === null) {
    const tenantId = own ?? input.tenantId ?? null
    if (!isDecimalId(tenantId)) throw aiError('CONVERSATION_TENANT_REQUIRED')
    if ((input.tenantId ?? tenantId) !== tenantId) throw aiError('CONVERSATION_GUILD_FOREIGN')
    return { tenantId, guildId }
  }
  const isOther = reach.kind === 'guild' && guildId !== reach.guildId
  const known = isDecimalId(guildId) ? await read().findOne(GuildPlace, { guildId }) : null
  const tenantId = own ?? input.tenantId ?? known?.tenantId
  const isOfTenant = known?.tenantId === tenantId && (input.tenantId ?? tenantId) === tenantId
  if (isOther || !tenantId || !isOfTenant) throw aiError('CONVERSATION_GUILD_FOREIGN')
  return { tenantId, guildId }
}

type Deps = { personKeys: PersonKeys }

type Placed = { turn: Turn; place: KnownPlace }

function store(request: AiRequest, { personKeys }: Deps, { turn, place }: Placed) {
  const { viewer, audit, clock, read } = request
  const { userId, conversationId, messageType } = turn
  return transactional(read(), async (tx) => {
    const keys = keysWithin(personKeys, tx)
    const sealed = (text: string | null, column: ColumnContext) =>
      text === null ? null : keys.encrypt(userId, text, column)
    const now = clock.now()
    const row = tx.create(ConversationTurn, {
      ...{ ...place, userId, conversationId, messageType },
      messageContent: await keys.encrypt(userId, turn.message, TURN_COLUMNS.message),
      responseGenerated: await sealed(turn.response, TURN_COLUMNS.response),
      entitiesExtracted: await sealed(turn.entities, TURN_COLUMNS.entities),
      intentRecognized: turn.intent,
      confidenceScore: turn.confidence,
      at: now,
      retentionUntil: new Date(now.getTime() + turn.keptDays * DAY_MS),
    })
    tx.persist(row)
    await tx.flush()
    await audit.record(tx, {
      ...{ viewer, action: 'conversation.record', outcome: 'done', ...place },
      resource: { type: 'conversation-turn', id: row.id },
      details: { userId, messageType },
    })
    return row
  })
}

async function record(request: AiRequest, deps: Deps, input: TurnInput) {
  const turn = readTurn(input)
  const place = await placeOf(request, input)
  await checkKnown(request, { userId: turn.userId, place })
  return store(request, deps, { turn, place })
}

/** A key acts for its owner within its reach and scopes alone: only a person is themselves. */
const isSelf = (viewer: Viewer, userId: string) =>
  viewer.kind === 'user' && viewer.userId === userId

/** A person's own turns, whatever their rights are in. */
const acrossTenantsOwnTurns = ({ acrossTenants, viewer }: AiRequest) => ({
  em: acrossTenants(),
  own: { userId: viewer.userId ?? '' },
})

async function pageOf(
  em: SqlEntityManager,
  userId: string,
  { where, page }: Pick<TurnQuery, 'where' | 'page'>,
) {
  const asked = toCondition(em, ConversationTurn, where)
  return findPage(em, ConversationTurn, {
    where: { $and: [{ userId }, asked] } as never,
    orderBy: [['id', 'desc']],
    page,
  })
}

async function find(request: AiRequest, query: TurnQuery): Promise<Page<ConversationTurn>> {
  const { viewer, read, readLog } = request
  const userId = query.userId ?? viewer.userId
  if (!isDecimalId(userId)) return EMPTY
  if (isSelf(viewer, userId)) {
    const { em, own } = acrossTenantsOwnTurns(request)
    return pageOf(em, own.userId, query)
  }
  // Told apart by nothing from a person who never spoke.
  if (!viewer.scopes.includes('conversations:read')) return EMPTY
  const found = await pageOf(read(), userId, query)
  const logged = { action: 'conversations.read', resourceType: 'conversation-turn' }
  await readLog.note(
    found.edges.map(({ node }) => ({
      tenantId: node.tenantId,
      guildId: node.guildId ?? null,
      userId: node.userId,
    })),
    logged,
  )
  return found
}

export type Conversations = ReturnType<typeof createConversations>

/** What people said to the assistant: sealed under the key of whoever said it, kept for a while. */
export function createConversations(request: AiRequest, deps: Deps) {
  const { personKeys } = deps
  const open = createBatch((values: readonly EncryptedValue[]) => personKeys.decryptMany(values))
  /** Null too once the person's key is gone. */
  const textOf = (
    { userId: personId }: ConversationTurn,
    ciphertext: string | null | undefined,
    column: ColumnContext,
  ) => (ciphertext == null ? null : open({ personId, ciphertext, ...column }))
  return {
    /** @throws WHERE_TOO_LARGE, PAGE_SIZE_INVALID, PAGE_CURSOR_INVALID */
    page: (query: TurnQuery) => find(request, query),
    messageOf: (turn: ConversationTurn) => textOf(turn, turn.messageContent, TURN_COLUMNS.message),
    responseOf: (turn: ConversationTurn) =>
      textOf(turn, turn.responseGenerated, TURN_COLUMNS.response),
    entitiesOf: async (turn: ConversationTurn) => {
      const text = await textOf(turn, turn.entitiesExtracted, TURN_COLUMNS.entities)
      return text === null ? null : JSON.parse(text)
    },
    /**
     * Writes down what a person said and what the assistant answered.
     * @throws CONVERSATION_INVALID, CONVERSATION_CARD_REFUSED, CONVERSATION_TENANT_REQUIRED,
     *   CONVERSATION_GUILD_FOREIGN, CONVERSATION_PERSON_UNKNOWN, SERVICE_UNREACHABLE,
     *   PERSON_KEY_MISSING for a person who was erased
     */
    record: (input: TurnInput) => record(request, deps, input),
  }
}
