import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ask, PEOPLE, startPlatform, type TestPlatform } from '../kit/platform.ts'
import { type AcmeBets, betOn, openAcmeBets } from './acme-bets.ts'
import { changed, shown, untilQuiet } from './world.ts'

/** Something of every subgraph: what is one's own, and what others have. */
const QUESTION = `{
  me {
    displayName
    accounts { edges { node { balance { amount } } } }
    bets { edges { node { status fairPrice { odds } } } }
    consents { edges { node { purpose isStanding } } }
    conversations { edges { node { message } } }
  }
  tenants { edges { node { code planType handle { amount } flags { edges { node { key } } } } } }
  guilds { edges { node {
    name
    settings { enterpriseFeatures integrationConfig }
    members { edges { node { user { displayName email bets { edges { node { status } } } } } } }
    handle { amount }
    bettingLimits { currency }
    auditTrail(first: 1) { edges { node { outcome } } }
  } } }
  fixtures { edges { node { home prediction { basis } } } }
  accounts(where: { kind: { eq: PLAYER } }) { edges { node { user { displayName } balance { amount } } } }
  auditVerification { isWhole }
  policies { edges { node { type status } } }
  alertRules { edges { node { name } } }
  aiModels { edges { node { isActive } } }
  feeds { name status }
}`

/** What an answer says, a line for each thing that is no longer divided: `path: values`. */
function linesOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${value}`]
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${path}: none`]
    return value.flatMap((item, index) => linesOf(item, `${path}[${index}]`))
  }
  if ('edges' in value) return linesOf(value.edges, path)
  if ('node' in value) return linesOf(value.node, path)
  const entries = Object.entries(value)
  const plain = entries.filter(([, inner]) => typeof inner !== 'object' || inner === null)
  const words = plain.map(([name, inner]) => `${name} ${inner}`).join(', ')
  return [
    ...(words === '' ? [] : [`${path}: ${words}`]),
    ...entries
      .filter((entry) => !plain.includes(entry))
      .flatMap(([name, inner]) => linesOf(inner, path === '' ? name : `${path}.${name}`)),
  ]
}

async function told(ask: Ask) {
  const { data, refused } = await shown(ask, QUESTION)
  return { says: linesOf(data), refused }
}

let platform: TestPlatform
let acme: AcmeBets

beforeAll(async () => {
  platform = await startPlatform()
  acme = await openAcmeBets(platform)
  const game = await acme.games.open()
  await changed(acme.member, 'placeBet', betOn(acme.accountId, game, 'the-members-bet'))
  const said = { userId: '4', conversationId: 'one', messageType: 'TEXT', message: 'Who plays?' }
  await changed(acme.admin, 'recordConversationTurn', said)
  await untilQuiet(platform)
}, 120_000)
afterAll(async () => {
  await acme.games[Symbol.asyncDispose]()
  await platform[Symbol.asyncDispose]()
})

test('nobody: every field is refused by itself', async () => {
  expect(await told(platform.with(null))).toMatchInlineSnapshot(`
    {
      "refused": [
        "accounts.edges.@.node.user: UNAUTHORIZED_FIELD_OR_TYPE",
        "accounts: UNAUTHORIZED_FIELD_OR_TYPE",
        "aiModels: UNAUTHORIZED_FIELD_OR_TYPE",
        "alertRules: UNAUTHORIZED_FIELD_OR_TYPE",
        "auditVerification: UNAUTHORIZED_FIELD_OR_TYPE",
        "feeds: UNAUTHORIZED_FIELD_OR_TYPE",
        "fixtures: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.members.edges.@.node.user: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds: UNAUTHORIZED_FIELD_OR_TYPE",
        "me: UNAUTHORIZED_FIELD_OR_TYPE",
        "policies: UNAUTHORIZED_FIELD_OR_TYPE",
        "tenants: UNAUTHORIZED_FIELD_OR_TYPE",
      ],
      "says": [
        ": null",
      ],
    }
  `)
})

test('a member: what is his own and what everybody sees; his guild by name', async () => {
  expect(await told(await platform.as(PEOPLE.acmeMember))).toMatchInlineSnapshot(`
    {
      "refused": [
        "accounts: UNAUTHORIZED_FIELD_OR_TYPE",
        "aiModels: UNAUTHORIZED_FIELD_OR_TYPE",
        "alertRules: UNAUTHORIZED_FIELD_OR_TYPE",
        "auditVerification: UNAUTHORIZED_FIELD_OR_TYPE",
        "feeds: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.auditTrail: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.handle: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.members: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.settings.integrationConfig: UNAUTHORIZED_FIELD_OR_TYPE",
        "policies: UNAUTHORIZED_FIELD_OR_TYPE",
        "tenants: UNAUTHORIZED_FIELD_OR_TYPE",
      ],
      "says": [
        ": tenants null, accounts null, auditVerification null, policies null, alertRules null, aiModels null, feeds null",
        "me: displayName Max Member",
        "me.accounts[0].balance: amount 99000",
        "me.bets[0]: status OPEN",
        "me.bets[0].fairPrice: odds 3000",
        "me.consents[0]: purpose terms, isStanding true",
        "me.conversations[0]: message Who plays?",
        "guilds[0]: name Acme Sharps, members null, handle null, auditTrail null",
        "guilds[0].settings: enterpriseFeatures true, integrationConfig null",
        "guilds[0].bettingLimits[0]: currency EUR",
        "fixtures[0]: home game 1 home",
        "fixtures[0].prediction: basis MARKET",
      ],
    }
  `)
})

test("the officer: money, bets, audit and rules of the tenant, nobody's address", async () => {
  expect(await told(await platform.as(PEOPLE.acmeOfficer))).toMatchInlineSnapshot(`
    {
      "refused": [
        "aiModels: UNAUTHORIZED_FIELD_OR_TYPE",
        "feeds: UNAUTHORIZED_FIELD_OR_TYPE",
        "fixtures: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.bettingLimits: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.handle: UNAUTHORIZED_FIELD_OR_TYPE",
        "guilds.edges.@.node.settings.integrationConfig: UNAUTHORIZED_FIELD_OR_TYPE",
        "me.bets.edges.@.node.fairPrice: UNAUTHORIZED_FIELD_OR_TYPE",
        "tenants.edges.@.node.flags: UNAUTHORIZED_FIELD_OR_TYPE",
        "tenants.edges.@.node.handle: UNAUTHORIZED_FIELD_OR_TYPE",
      ],
      "says": [
        ": fixtures null, aiModels null, feeds null",
        "me: displayName Olga Officer",
        "me.accounts: none",
        "me.bets: none",
        "me.consents[0]: purpose terms, isStanding true",
        "me.conversations: none",
        "tenants[0]: code acme, planType ENTERPRISE, handle null, flags null",
        "guilds[0]: name Acme Sharps, handle null, bettingLimits null",
        "guilds[0].settings: enterpriseFeatures true, integrationConfig null",
        "guilds[0].members[0].user: displayName Ada Acme, email null",
        "guilds[0].members[0].user.bets: none",
        "guilds[0].members[1].user: displayName Anna Analyst, email null",
        "guilds[0].members[1].user.bets: none",
        "guilds[0].members[2].user: displayName Max Member, email null",
        "guilds[0].members[2].user.bets[0]: status OPEN",
        "guilds[0].auditTrail[0]: outcome DONE",
        "guilds[1]: name Acme Parlay Club, handle null, bettingLimits null",
        "guilds[1].settings: enterpriseFeatures false, integrationConfig null",
        "guilds[1].members[0].user: displayName Anna Analyst, email null",
        "guilds[1].members[0].user.bets: none",
        "guilds[1].auditTrail[0]: outcome DONE",
        "accounts[0].user: displayName Max Member",
        "accounts[0].balance: amount 99000",
        "auditVerification: isWhole true",
        "policies[0]: type terms, status IN_FORCE",
        "policies[1]: type privacy, status IN_FORCE",
        "alertRules: none",
      ],
    }
  `)
})

test('a tenant administrator: all of his tenant, nothing of another', async () => {
  expect(await told(await platform.as(PEOPLE.acmeAdmin))).toMatchInlineSnapshot(`
    {
      "refused": [],
      "says": [
        "me: displayName Ada Acme",
        "me.accounts: none",
        "me.bets: none",
        "me.consents[0]: purpose terms, isStanding true",
        "me.conversations: none",
        "tenants[0]: code acme, planType ENTERPRISE",
        "tenants[0].handle[0]: amount 1000",
        "tenants[0].flags[0]: key live.cashout",
        "tenants[0].flags[1]: key ai.assistant",
        "guilds[0]: name Acme Sharps",
        "guilds[0].settings: enterpriseFeatures true, integrationConfig null",
        "guilds[0].members[0].user: displayName Ada Acme, email admin@acme.example",
        "guilds[0].members[0].user.bets: none",
        "guilds[0].members[1].user: displayName Anna Analyst, email analyst@acme.example",
        "guilds[0].members[1].user.bets: none",
        "guilds[0].members[2].user: displayName Max Member, email member@acme.example",
        "guilds[0].members[2].user.bets[0]: status OPEN",
        "guilds[0].handle[0]: amount 1000",
        "guilds[0].bettingLimits: none",
        "guilds[0].auditTrail[0]: outcome DONE",
        "guilds[1]: name Acme Parlay Club",
        "guilds[1].settings: enterpriseFeatures false, integrationConfig null",
        "guilds[1].members[0].user: displayName Anna Analyst, email analyst@acme.example",
        "guilds[1].members[0].user.bets: none",
        "guilds[1].handle: none",
        "guilds[1].bettingLimits: none",
        "guilds[1].auditTrail[0]: outcome DONE",
        "fixtures[0]: home game 1 home",
        "fixtures[0].prediction: basis MARKET",
        "accounts[0].user: displayName Max Member",
        "accounts[0].balance: amount 99000",
        "auditVerification: isWhole true",
        "policies[0]: type terms, status IN_FORCE",
        "policies[1]: type privacy, status IN_FORCE",
        "alertRules: none",
        "aiModels[0]: isActive true",
        "feeds[0]: name scripted, status RUNNING",
      ],
    }
  `)
})

test('the operator: all tenants', async () => {
  expect(await told(await platform.as(PEOPLE.operator))).toMatchInlineSnapshot(`
    {
      "refused": [],
      "says": [
        "me: displayName Olive Operator",
        "me.accounts: none",
        "me.bets: none",
        "me.consents: none",
        "me.conversations: none",
        "tenants[0]: code acme, planType ENTERPRISE",
        "tenants[0].handle[0]: amount 1000",
        "tenants[0].flags[0]: key live.cashout",
        "tenants[0].flags[1]: key ai.assistant",
        "tenants[1]: code globex, planType PROFESSIONAL",
        "tenants[1].handle: none",
        "tenants[1].flags[0]: key ai.assistant",
        "guilds[0]: name Acme Sharps",
        "guilds[0].settings: enterpriseFeatures true, integrationConfig null",
        "guilds[0].members[0].user: displayName Ada Acme, email admin@acme.example",
        "guilds[0].members[0].user.bets: none",
        "guilds[0].members[1].user: displayName Anna Analyst, email analyst@acme.example",
        "guilds[0].members[1].user.bets: none",
        "guilds[0].members[2].user: displayName Max Member, email member@acme.example",
        "guilds[0].members[2].user.bets[0]: status OPEN",
        "guilds[0].handle[0]: amount 1000",
        "guilds[0].bettingLimits: none",
        "guilds[0].auditTrail[0]: outcome DONE",
        "guilds[1]: name Acme Parlay Club",
        "guilds[1].settings: enterpriseFeatures false, integrationConfig null",
        "guilds[1].members[0].user: displayName Anna Analyst, email analyst@acme.example",
        "guilds[1].members[0].user.bets: none",
        "guilds[1].handle: none",
        "guilds[1].bettingLimits: none",
        "guilds[1].auditTrail[0]: outcome DONE",
        "guilds[2]: name Globex Lounge",
        "guilds[2].settings: enterpriseFeatures false, integrationConfig null",
        "guilds[2].members[0].user: displayName Gus Globex, email admin@globex.example",
        "guilds[2].members[0].user.bets: none",
        "guilds[2].handle: none",
        "guilds[2].bettingLimits: none",
        "guilds[2].auditTrail[0]: outcome DONE",
        "fixtures[0]: home game 1 home",
        "fixtures[0].prediction: basis MARKET",
        "accounts[0].user: displayName Max Member",
        "accounts[0].balance: amount 99000",
        "auditVerification: isWhole true",
        "policies[0]: type terms, status IN_FORCE",
        "policies[1]: type privacy, status IN_FORCE",
        "alertRules: none",
        "aiModels[0]: isActive true",
        "feeds[0]: name scripted, status RUNNING",
      ],
    }
  `)
})
