import { describe, expect, test } from 'vitest'
import {
  append as appendOnly,
  evaluated,
  follow,
  openAudit as openStill,
  recordOf,
  take,
  type World,
} from '../audit/audit-kit.ts'
import {
  ACME_CLUB,
  ACME_GUILD,
  GLOBEX_GUILD,
  placeGuilds,
  START,
  type Who,
} from '../compliance-kit.ts'

const SET = `mutation ($input: SetAlertRuleInput!) { setAlertRule(input: $input) {
  id name action outcome resourceType actorId threshold windowSeconds isActive tenant { id } guild { id } } }`
const ALERTS = `{ alerts { edges { node { id ruleName count firstEntryId lastEntryId acknowledgedAt
  acknowledgedBy { id } } } } }`
const RULE = { name: 'grants', action: 'role.*', threshold: 3, windowSeconds: 60 }

/** Compliance with its loops at work. */
async function openAudit(): Promise<World> {
  const world = await openStill()
  await world.service.start()
  return world
}

async function append(world: World, records: readonly unknown[]): Promise<void> {
  await appendOnly(world, records)
  await evaluated(world)
}

const setRule = ({ ask }: World, who: Who, input: object = {}) =>
  ask(who, SET, { input: { ...RULE, ...input } })

/** An act so many seconds after the start. */
const actAt = (seconds: number, parts = {}) =>
  recordOf({ at: new Date(START.getTime() + seconds * 1_000).toISOString(), ...parts })

type Edge = {
  node: { id: string; ruleName: string; count: number; firstEntryId: string; lastEntryId: string }
}

async function alertsOf({ ask }: World, who: Who = 'acmeAdmin') {
  const { data } = await ask(who, ALERTS)
  return data.alerts.edges.map(({ node }: Edge) => node).reverse()
}

const countsOf = async (world: World) =>
  (await alertsOf(world)).map(({ count, firstEntryId, lastEntryId }: Edge['node']) => [
    ...[count, firstEntryId, lastEntryId],
  ])

const acknowledge = ({ ask }: World, who: Who, id: string) =>
  ask(
    who,
    'mutation ($id: ID!) { acknowledgeAlert(input: { id: $id }) { acknowledgedAt acknowledgedBy { id } } }',
    { id },
  )

describe('thresholds and windows', () => {
  test('the third within the window raises one alert, in one batch or in several', async () => {
    await using world = await openAudit()
    await setRule(world, 'acmeAdmin')
    await append(world, [actAt(0), actAt(59)])
    expect(await countsOf(world)).toEqual([])
    await append(world, [actAt(59.9)])
    expect(await countsOf(world)).toEqual([[3, '1', '3']])
  })

  test('at the end of the window it is none', async () => {
    await using world = await openAudit()
    await setRule(world, 'acmeAdmin')
    await append(world, [actAt(0), actAt(30), actAt(60)])
    expect(await countsOf(world)).toEqual([])
    await append(world, [actAt(61)])
    expect(await countsOf(world)).toEqual([[3, '2', '4']])
  })

  test('what goes on is counted in the same alert; after a quiet window comes a new one', async () => {
    await using world = await openAudit()
    await setRule(world, 'acmeAdmin')
    await append(world, [actAt(0), actAt(1), actAt(2), actAt(30), actAt(80)])
    expect(await countsOf(world)).toEqual([[5, '1', '5']])
    await append(world, [actAt(140), actAt(141)])
    expect(await countsOf(world)).toEqual([[5, '1', '5']])
    await append(world, [actAt(142)])
    expect(await countsOf(world)).toEqual([
      [5, '1', '5'],
      [3, '6', '8'],
    ])
  })

  test('after it was acknowledged, what follows raises a new one and counts nothing twice', async () => {
    await using world = await openAudit()
    await setRule(world, 'acmeAdmin')
    await append(world, [actAt(0), actAt(1), actAt(2)])
    const [{ id }] = await alertsOf(world)
    const { data } = await acknowledge(world, 'acmeAdmin', id)
    expect(data.acknowledgeAlert).toEqual({
      acknowledgedAt: START.toISOString(),
      acknowledgedBy: { id: '2' },
    })
    await append(world, [actAt(3), actAt(4)])
    expect(await countsOf(world)).toEqual([[3, '1', '3']])
    await append(world, [actAt(5)])
    expect((await countsOf(world))[1]).toEqual([3, '4', '6'])
  })

  test('a threshold of one needs one', async () => {
    await using world = await openAudit()
    await setRule(world, 'acmeAdmin', { threshold: 1 })
    await append(world, [actAt(0)])
    expect(await countsOf(world)).toEqual([[1, '1', '1']])
  })

  test('entries that arrive in another order than they happened are counted by when they did', async () => {
    await using world = await openAudit()
    await setRule(world, 'acmeAdmin')
    await append(world, [actAt(50), actAt(80)])
    await append(world, [actAt(25)])
    expect(await countsOf(world)).toEqual([[3, '3', '2']])
  })
})

describe('behind the append', () => {
  test('what a process that was killed did not look at, the next one does, each entry once', async () => {
    await using world = await openStill()
    await setRule(world, 'acmeAdmin')
    const acts = Array.from({ length: 1_100 }, (_, index) => actAt(index / 100))
    for (let at = 0; at < acts.length; at += 200) await appendOnly(world, acts.slice(at, at + 200))
    expect(await countsOf(world)).toEqual([])
    await world.service.start()
    await evaluated(world)
    expect(await countsOf(world)).toEqual([[1_100, '1', '1100']])
    await append(world, [actAt(12)])
    expect(await countsOf(world)).toEqual([[1_101, '1', '1101']])
  })

  test('several bursts in one batch are as many alerts', async () => {
    await using world = await openAudit()
    await setRule(world, 'acmeAdmin')
    await append(
      world,
      [0, 1, 2, 3, 500, 600, 601, 602, 900].map((second) => actAt(second)),
    )
    expect(await countsOf(world)).toEqual([
      [4, '1', '4'],
      [3, '6', '8'],
    ])
    await append(world, [actAt(901), actAt(902)])
    expect((await countsOf(world))[2]).toEqual([3, '9', '11'])
  })
})

describe('what a rule counts', () => {
  test.each([
    ['an action', { action: 'role.grant' }, { action: 'role.granted' }],
    ['a beginning', { action: 'role.*' }, { action: 'roles.grant' }],
    ['an outcome', { action: null, outcome: 'REFUSED' }, { outcome: 'done' }],
    ['a type', { action: null, resourceType: 'bet' }, { resource: { type: 'bets', id: '1' } }],
    ['a person', { action: null, actorId: '7' }, { userId: '8' }],
    ['its tenant', {}, { tenantId: '2' }],
  ])('%s, and nothing beside it', async (_name, rule, other) => {
    await using world = await openAudit()
    await setRule(world, 'acmeAdmin', { ...rule, threshold: 2 })
    const matching = { outcome: 'refused', resource: { type: 'bet', id: '1' } } as const
    await append(world, [actAt(0, matching), actAt(1, { ...matching, ...other })])
    expect(await countsOf(world)).toEqual([])
    await append(world, [actAt(2, matching)])
    expect(await countsOf(world)).toEqual([[2, '1', '3']])
  })

  test('a rule that is not active, or gone, raises nothing; its alerts stay', async () => {
    await using world = await openAudit()
    const { data } = await setRule(world, 'acmeAdmin', { threshold: 1 })
    await append(world, [actAt(0)])
    await setRule(world, 'acmeAdmin', { threshold: 1, isActive: false })
    await append(world, [actAt(1_000)])
    await setRule(world, 'acmeAdmin', { threshold: 1 })
    const remove = 'mutation ($id: ID!) { removeAlertRule(input: { id: $id }) { name } }'
    const removed = await world.ask('acmeAdmin', remove, { id: data.setAlertRule.id })
    expect(removed.data.removeAlertRule).toEqual({ name: 'grants' })
    await append(world, [actAt(2_000)])
    expect(await countsOf(world)).toEqual([[1, '1', '1']])
    const again = await world.ask('acmeAdmin', remove, { id: data.setAlertRule.id })
    expect(again.codes).toEqual(['ALERT_RULE_NOT_FOUND'])
  })

  test('the platform’s rules count the platform’s own entries', async () => {
    await using world = await openAudit()
    await setRule(world, 'operator', { action: 'audit.unreadable', threshold: 1 })
    await append(world, [actAt(0), 'nonsense'])
    expect(await alertsOf(world, 'operator')).toMatchObject([{ count: 1, firstEntryId: '2' }])
    expect(await alertsOf(world, 'acmeAdmin')).toEqual([])
  })
})

describe('who sets rules', () => {
  test('a rule of a name is changed, audited and answered whole', async () => {
    await using world = await openAudit()
    const first = await setRule(world, 'acmeAdmin', { outcome: 'FAILED' })
    const second = await setRule(world, 'acmeAdmin', { threshold: 9 })
    expect(second.data.setAlertRule).toEqual({
      ...{ id: first.data.setAlertRule.id, name: 'grants', action: 'role.*', outcome: null },
      ...{ resourceType: null, actorId: null, threshold: 9, windowSeconds: 60, isActive: true },
      ...{ tenant: { id: '1' }, guild: null },
    })
    expect(await world.audited()).toMatchObject([
      { action: 'alert-rule.set', tenantId: '1', details: { threshold: 3, outcome: 'failed' } },
      { action: 'alert-rule.set', tenantId: '1', details: { threshold: 9, outcome: null } },
    ])
  })

  test('nobody sets, sees or removes another tenant’s', async () => {
    await using world = await openAudit()
    await placeGuilds(world)
    const { data } = await setRule(world, 'acmeAdmin')
    expect((await setRule(world, 'globexAdmin', { tenantId: '1' })).codes).toEqual([
      'AUDIT_CHAIN_NOT_FOUND',
    ])
    expect((await setRule(world, 'acmeAdmin', { guildId: GLOBEX_GUILD })).codes).toEqual([
      'ALERT_PLACE_FOREIGN',
    ])
    const rules = '{ alertRules { edges { node { name } } } }'
    expect((await world.ask('globexAdmin', rules)).data.alertRules.edges).toEqual([])
    expect((await world.ask('acmeAdmin', rules)).data.alertRules.edges).toHaveLength(1)
    const remove = 'mutation ($id: ID!) { removeAlertRule(input: { id: $id }) { name } }'
    const refused = await world.ask('globexAdmin', remove, { id: data.setAlertRule.id })
    expect(refused.codes).toEqual(['ALERT_RULE_NOT_FOUND'])
    await append(world, [actAt(0), actAt(1), actAt(2)])
    const [{ id }] = await alertsOf(world)
    expect((await acknowledge(world, 'globexAdmin', id)).codes).toEqual(['ALERT_NOT_FOUND'])
  })

  test('a guild’s rule is a paid feature, unless the platform sets it', async () => {
    await using world = await openAudit()
    await placeGuilds(world)
    const ofGuild = { guildId: ACME_GUILD, tenantId: '1', threshold: 1 }
    expect((await setRule(world, 'acmeGuildAdmin', ofGuild)).codes).toEqual([
      'AUDIT_FEATURE_NOT_INCLUDED',
    ])
    expect((await setRule(world, 'acmeAdmin', ofGuild)).codes).toEqual([
      'AUDIT_FEATURE_NOT_INCLUDED',
    ])
    expect((await setRule(world, 'acmeGuildAdmin')).codes).toEqual(['ALERT_PLACE_FOREIGN'])
    expect((await setRule(world, 'operator', ofGuild)).codes).toEqual([])
    const paid = { guildId: ACME_GUILD, tenantId: '1', enterpriseFeatures: true }
    await world.deliver('paid', 'guild.updated', paid, 'tenancy')
    expect((await setRule(world, 'acmeGuildAdmin', { ...ofGuild, name: 'own' })).codes).toEqual([])
    await append(world, [actAt(0, { guildId: ACME_CLUB }), actAt(1, { guildId: ACME_GUILD })])
    expect(await alertsOf(world, 'acmeGuildAdmin')).toMatchObject([
      { ruleName: 'grants', firstEntryId: '2' },
      { ruleName: 'own', firstEntryId: '2' },
    ])
  })

  test('a guild has at most 20, which take nothing of its tenant’s 50', async () => {
    await using world = await openAudit()
    await placeGuilds(world)
    const ofGuild = { guildId: ACME_GUILD, tenantId: '1' }
    for (let rule = 0; rule < 20; rule++)
      await setRule(world, 'operator', { ...ofGuild, name: `rule ${rule}` })
    expect((await setRule(world, 'operator', { ...ofGuild, name: 'one more' })).codes).toEqual([
      'ALERT_RULES_TOO_MANY',
    ])
    for (let rule = 0; rule < 50; rule++)
      expect((await setRule(world, 'acmeAdmin', { name: `rule ${rule}` })).codes).toEqual([])
  })

  test('a tenant has at most 50', async () => {
    await using world = await openAudit()
    for (let rule = 0; rule < 50; rule++)
      await setRule(world, 'acmeAdmin', { name: `rule ${rule}` })
    expect((await setRule(world, 'acmeAdmin', { name: 'one more' })).codes).toEqual([
      'ALERT_RULES_TOO_MANY',
    ])
    expect((await setRule(world, 'acmeAdmin', { name: 'rule 7', threshold: 5 })).codes).toEqual([])
    expect((await setRule(world, 'globexAdmin')).codes).toEqual([])
  })

  const NAMES = /^a[n]? (?:action|type of resource) .*1 to 40 of A-Z, .* no payment card number$/

  test.each([
    ['name', { name: ' ' }, /^1 to 100 printable characters on one line/],
    ['name', { name: '4111 1111 1111 1111' }, /no payment card number$/],
    ['action', { action: '4111111111111111*' }, NAMES],
    ['action', { action: 'role grant' }, NAMES],
    ['action', { action: 'ro*le' }, NAMES],
    ['action', { action: '' }, NAMES],
    ['resourceType', { resourceType: 'x y' }, NAMES],
    ['actorId', { actorId: 'me' }, /^the id of a person/],
    ['threshold', { threshold: 0 }, /^a whole number from 1 to 1000$/],
    ['threshold', { threshold: 1_001 }, /^a whole number from 1 to 1000$/],
    ['windowSeconds', { windowSeconds: 86_401 }, /^a whole number from 1 to 86400$/],
  ])(
    '%s that is not allowed is refused with what is expected: %j',
    async (field, input, expected) => {
      await using world = await openAudit()
      const { codes, details } = await setRule(world, 'acmeAdmin', input)
      expect([codes, details[0]?.field]).toEqual([['ALERT_RULE_INVALID'], field])
      expect(details[0]?.expected).toMatch(expected)
    },
  )

  test('any action, an action and the beginning of one are allowed', async () => {
    await using world = await openAudit()
    for (const action of ['*', 'role.*', 'role.grant', 'a'.repeat(40), null]) {
      const { data, codes } = await setRule(world, 'acmeAdmin', { action })
      expect([codes, data.setAlertRule.action]).toEqual([[], action])
    }
  })
})

describe('taking note', () => {
  test('a second time changes nothing', async () => {
    await using world = await openAudit()
    await setRule(world, 'acmeAdmin', { threshold: 1 })
    await append(world, [actAt(0)])
    const [{ id }] = await alertsOf(world)
    await acknowledge(world, 'acmeAdmin', id)
    const { data } = await acknowledge(world, 'operator', id)
    expect(data.acknowledgeAlert).toMatchObject({ acknowledgedBy: { id: '2' } })
    const told = (await world.audited()).filter(({ action }) => action === 'alert.acknowledged')
    expect(told).toMatchObject([{ resource: { type: 'alert', id }, details: { count: 1 } }])
  })

  test('an alert is told live as it is raised, to its tenant', async () => {
    await using world = await openAudit()
    await setRule(world, 'acmeAdmin')
    const query = 'subscription { alertRaised { ruleName count at } }'
    const stream = await follow(world, 'acmeAdmin', { query })
    const [refused] = await take(
      await follow(world, 'globexAdmin', {
        query: query.replace('Raised', 'Raised(tenantId: "1")'),
      }),
      1,
    )
    expect(refused?.codes).toEqual(['AUDIT_CHAIN_NOT_FOUND'])
    await append(world, [actAt(0), actAt(1), actAt(2), actAt(3)])
    const [answer] = await take(stream, 1)
    await stream.return(undefined)
    expect(answer?.data.alertRaised).toEqual({
      ruleName: 'grants',
      count: 3,
      at: START.toISOString(),
    })
  })
})
