import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import type { Reach, Viewer } from '#kernel/auth/viewer.ts'
import { createManualClock } from '#kernel/clock.ts'
import { ConversationTurn } from '#subgraphs/ai/entities/conversation-turn.ts'
import { createRetention } from '#subgraphs/ai/services/retention.ts'
import { scanFolder } from '../../kit/marker-scan.ts'
import {
  ACME_GUILD,
  type AiOptions,
  GLOBEX_GUILD,
  NOON,
  openAiService,
  userOf,
  type Who,
} from './ai-kit.ts'

const DAY_MS = 86_400_000
const TURN = `id conversationId userId type message response intent entities confidence at keptUntil
  tenant { id } guild { id }`
const RECORD = `mutation ($input: ConversationTurnInput!) {
  recordConversationTurn(input: $input) { ${TURN} } }`
const LIST = `query ($userId: ID) { conversations(userId: $userId) { edges { node { ${TURN} } } } }`
const OF_USER = `query ($users: [_Any!]!) { _entities(representations: $users) {
  ... on User { conversations { edges { node { message } } } } } }`

/** A key of Ada's, with these rights. */
const keyOf = (reach: Reach, scopes: readonly string[]): Viewer => ({
  ...userOf(reach, scopes, '21'),
  ...{ kind: 'key', sessionId: null, keyId: 'key-1' },
})

async function openAssistant(options: AiOptions = {}) {
  const clock = createManualClock(NOON)
  const world = await openAiService({
    ...options,
    clock,
    analyticsFetch: () => {
      throw new Error('nobody is asked')
    },
  })
  const place = (guildId: string, tenantId: string, auditLogging = false) =>
    world.deliver('tenancy', {
      ...{ kind: 'guild.registered', aggregate: `guild:${guildId}` },
      payload: { guildId, tenantId, auditLogging },
    })
  await place(ACME_GUILD, '1')
  await place(GLOBEX_GUILD, '2')
  return {
    ...world,
    ...{ clock, place },
    record: (who: Who, input: object = {}) =>
      world.ask(who, RECORD, {
        input: { userId: '21', conversationId: 'c-1', messageType: 'TEXT', ...SAID, ...input },
      }),
    listed: async (who: Who, userId?: string) => {
      const { data } = await world.ask(who, LIST, { userId })
      return data.conversations.edges.map(({ node }: { node: object }) => node)
    },
    actions: async () =>
      (await world.database.acrossTenants().find(OutboxRow, {})).map(
        ({ payload }) => JSON.parse(payload).action as string,
      ),
    [Symbol.asyncDispose]: () => world.service.stop(1_000),
  }
}

const SAID = {
  message: 'What are the odds of Arsenal on Saturday?',
  response: 'The market says 1.85.',
  intent: 'odds.ask',
  entities: { team: 'Arsenal' },
  confidence: 0.93,
}

test('what the bot writes down is read by whoever said it', async () => {
  await using world = await openAssistant()
  const { codes, data } = await world.record('acmeBot')
  expect(codes).toEqual([])
  const turn = data.recordConversationTurn
  expect(turn).toMatchObject({ ...SAID, userId: '21', type: 'TEXT', conversationId: 'c-1' })
  expect(turn).toMatchObject({ tenant: { id: '1' }, guild: { id: ACME_GUILD } })
  expect(Date.parse(turn.keptUntil) - NOON.getTime()).toBe(90 * DAY_MS)
  expect(await world.listed('ada')).toEqual([turn])
  const own = await world.ask('ada', OF_USER, { users: [{ __typename: 'User', id: '21' }] })
  expect(own.data._entities[0].conversations.edges).toEqual([{ node: { message: SAID.message } }])
  expect(await world.actions()).toEqual(['conversation.record'])
})

test('refused: the conversations of others, which look like none at all', async () => {
  await using world = await openAssistant()
  await world.record('acmeBot')
  expect(await world.listed('bob')).toEqual([])
  expect(await world.listed('bob', '21')).toEqual([])
  const users = [{ __typename: 'User', id: '21' }]
  const { data } = await world.ask('bob', OF_USER, { users })
  expect(data._entities[0].conversations.edges).toEqual([])
  expect((await world.ask('anonymous', LIST)).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
})

test('conversations:read shows those within reach; those of another tenant do not exist', async () => {
  await using world = await openAssistant()
  await world.record('acmeBot')
  await world.record('everywhere', { guildId: GLOBEX_GUILD, message: 'hello Globex' })
  const messages = async (who: Who) =>
    (await world.listed(who, '21')).map(({ message }: { message: string }) => message)
  expect(await messages('acmeOfficer')).toEqual([SAID.message])
  expect(await messages('globexOfficer')).toEqual(['hello Globex'])
  expect(await messages('everywhere')).toEqual(['hello Globex', SAID.message])
  expect(await messages('ada')).toEqual(['hello Globex', SAID.message])
})

test('a key reads nothing without conversations:read, not even what its owner said', async () => {
  await using world = await openAssistant()
  await world.record('acmeBot')
  const key = keyOf({ kind: 'tenant', tenantId: '1' }, [])
  expect(await world.listed(key)).toEqual([])
  expect(await world.listed(key, '21')).toEqual([])
  const users = [{ __typename: 'User', id: '21' }]
  const { data } = await world.ask(key, OF_USER, { users })
  expect(data._entities[0].conversations.edges).toEqual([])
  expect(await world.listed('ada')).toHaveLength(1)
})

test('a key with conversations:read reads what its owner said within its reach, and no further', async () => {
  await using world = await openAssistant()
  await world.record('acmeBot')
  await world.record('everywhere', { guildId: GLOBEX_GUILD, message: 'hello Globex' })
  const messages = async (reach: Reach, userId?: string) =>
    (await world.listed(keyOf(reach, ['conversations:read']), userId)).map(
      ({ message }: { message: string }) => message,
    )
  expect(await messages({ kind: 'tenant', tenantId: '1' })).toEqual([SAID.message])
  expect(await messages({ kind: 'tenant', tenantId: '2' }, '21')).toEqual(['hello Globex'])
  expect(await messages({ kind: 'none' })).toEqual([])
})

test('in a guild with logged reads it is written down who read the conversations of others', async () => {
  await using world = await openAssistant()
  await world.place(ACME_GUILD, '1', true)
  await world.record('acmeBot')
  await world.listed('ada')
  expect(await world.actions()).toEqual(['conversation.record'])
  await world.listed('acmeOfficer', '21')
  expect(await world.actions()).toEqual(['conversation.record', 'conversations.read'])
})

test('a card number is refused in every part, and nothing is stored', async () => {
  await using world = await openAssistant()
  const card = 'my card is 4111 1111 1111 1111'
  for (const part of [{ message: card }, { response: card }, { entities: { note: card } }]) {
    expect((await world.record('acmeBot', part)).codes).toEqual(['CONVERSATION_CARD_REFUSED'])
  }
  expect(await world.database.acrossTenants().count(ConversationTurn, {})).toBe(0)
})

test('what is not in its format is refused with the name of the part', async () => {
  await using world = await openAssistant()
  const wrong: Record<string, object> = {
    userId: { userId: 'ada' },
    conversationId: { conversationId: 'no spaces please' },
    message: { message: '' },
    response: { response: 'x'.repeat(10_001) },
    intent: { intent: 'Not A Code' },
    confidence: { confidence: 1.5 },
    keptDays: { keptDays: 91 },
  }
  for (const [field, input] of Object.entries(wrong)) {
    const { codes, details } = await world.record('acmeBot', input)
    expect({ codes, details }).toEqual({ codes: ['CONVERSATION_INVALID'], details: [{ field }] })
  }
})

test('refused: writing for a guild or tenant beyond reach, or for none', async () => {
  await using world = await openAssistant()
  const code = async (who: Who, input: object) => (await world.record(who, input)).codes
  const foreign = ['CONVERSATION_GUILD_FOREIGN']
  expect(await code('acmeBot', { guildId: GLOBEX_GUILD })).toEqual(foreign)
  expect(await code('acmeBot', { tenantId: '2' })).toEqual(foreign)
  expect(await code('acmeWide', { guildId: GLOBEX_GUILD })).toEqual(foreign)
  expect(await code('acmeWide', { tenantId: '2' })).toEqual(foreign)
  expect(await code('everywhere', { guildId: '999' })).toEqual(foreign)
  expect(await code('everywhere', {})).toEqual(['CONVERSATION_TENANT_REQUIRED'])
  expect(await code('acmeOfficer', {})).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  expect(await code('acmeWide', {})).toEqual([])
})

test('refused: writing of a person whom identity does not know at the place, and of nobody', async () => {
  await using world = await openAssistant()
  const refused = { codes: ['CONVERSATION_PERSON_UNKNOWN'], details: [{}] }
  const atPlaces: [Who, object][] = [
    ['acmeWide', {}],
    ['acmeWide', { guildId: ACME_GUILD }],
    ['acmeBot', {}],
    ['everywhere', { tenantId: '1' }],
    ['everywhere', { guildId: ACME_GUILD }],
  ]
  for (const [who, place] of atPlaces) {
    // Somebody of Globex, and nobody at all: who asks cannot tell them apart.
    const foreign = await world.record(who, { ...place, userId: '32' })
    expect(foreign).toMatchObject(refused)
    expect(await world.record(who, { ...place, userId: '999999' })).toEqual(foreign)
  }
  // Bob is of Acme, and not of its guild.
  expect(await world.record('acmeBot', { userId: '22' })).toMatchObject(refused)
  expect(await world.database.acrossTenants().count(ConversationTurn, {})).toBe(0)
  expect(await world.actions()).toEqual([])
  for (const [who, input] of [
    ['acmeWide', { userId: '22' }],
    ['everywhere', { userId: '32', tenantId: '2' }],
    ['everywhere', { userId: '32', guildId: GLOBEX_GUILD }],
  ] as const) {
    expect((await world.record(who, input)).codes).toEqual([])
  }
})

test('while identity does not answer nothing is written of others, and oneself is known', async () => {
  await using world = await openAssistant()
  const down = [
    'throws',
    { status: 500 },
    { status: 429, code: 'SERVICE_TOKEN_WINDOW_FULL' },
  ] as const
  for (const failing of down) {
    world.identity.know(failing)
    const { codes, details } = await world.record('acmeBot')
    expect([codes, details]).toEqual([['SERVICE_UNREACHABLE'], [{ service: 'identity' }]])
  }
  expect(await world.database.acrossTenants().count(ConversationTurn, {})).toBe(0)
  world.identity.know({ people: {} })
  expect((await world.record('acmeBot')).codes).toEqual(['CONVERSATION_PERSON_UNKNOWN'])
  world.identity.know('throws')
  expect((await world.record('everywhere', { userId: '33', tenantId: '1' })).codes).toEqual([])
})

test('identity is asked of no turn that is refused anyway', async () => {
  await using world = await openAssistant()
  const refused = [{ message: '' }, { guildId: GLOBEX_GUILD }, { tenantId: '2' }]
  for (const input of refused) {
    expect((await world.record('acmeBot', input)).codes).toHaveLength(1)
  }
  expect(world.identity.asked).toEqual([])
  expect((await world.record('acmeBot')).codes).toEqual([])
  expect(world.identity.asked).toEqual(['21'])
})

test('nothing that was said stands in the files of the database', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-marker-'))
  const markers = ['pomegranate-harbour', 'tangerine-lantern', 'walnut-meridian']
  const [message = '', response = '', team = ''] = markers
  {
    await using world = await openAssistant({ databaseUrl: `sqlite:${join(folder, 'ai.db')}` })
    const { codes } = await world.record('acmeBot', { message, response, entities: { team } })
    expect(codes).toEqual([])
    expect((await world.listed('ada'))[0]).toMatchObject({ message, entities: { team } })
    expect(await scanFolder(folder, ['conversation.record'])).not.toMatchObject({ findings: [] })
    expect((await scanFolder(folder, markers)).findings).toEqual([])
  }
  expect((await scanFolder(folder, markers)).findings).toEqual([])
  await rm(folder, { recursive: true, force: true })
})

test('conversations are deleted when their time is over, others stay', async () => {
  await using world = await openAssistant()
  await world.record('acmeBot', { keptDays: 1 })
  await world.record('acmeBot', { keptDays: 30 })
  const { database, clock } = world
  const run = async () => {
    const signal = new AbortController().signal
    await createRetention({ database, clock })['ai.forget']?.({ signal } as never)
    return database.acrossTenants().count(ConversationTurn, {})
  }
  expect(await run()).toBe(2)
  clock.advance(DAY_MS + 1)
  expect(await run()).toBe(1)
  clock.advance(30 * DAY_MS)
  expect(await run()).toBe(0)
})
