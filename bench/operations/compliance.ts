import { type Player, TENANT } from '../bets-players.ts'
import { type Asked, act, idOf, type Made, type Maker, type Makers, nodesOf, see } from './maker.ts'
import { createStock, type Stock } from './stock.ts'
import { createRound, type World } from './world.ts'

/** Rules that one tenant may have. */
const RULES_OF_TENANT = 50
const ALERTED_ACTION = 'flag.set'
/** Longer than the window of the rules: what happens then raises alerts anew. */
const AFTER_WINDOW_MS = 1_500
const LONGEST_EVALUATION_MS = 30_000

function policyMakers({ operator, serial, repeat }: World): Makers {
  const policies = createStock<string>('policies', (count) =>
    repeat('publishPolicy', publishPolicy, count),
  )
  const publishPolicy: Maker = {
    ask: () => {
      const input = { type: 'bench_rules', name: 'Rules', version: `v${serial()}` }
      return act(operator, { ...input, config: { text: 'Play fair.' } }, (made) =>
        policies.put(idOf(made)),
      )
    },
  }
  return {
    publishPolicy,
    policies: { ask: () => see(operator) },
    policyInForce: { ask: () => see(operator, { type: 'terms', tenantId: TENANT }) },
    retirePolicy: {
      prepare: policies.fill,
      ask: () => act(operator, { policyId: policies.take() }),
    },
  }
}

/** What a person agrees to: one consent of each purpose stands. */
type Subject = { player: Player; purpose: string }

const PURPOSES = ['marketing_email', 'marketing_discord', 'profiling', 'assistant']
const WEB = { channel: 'WEB', tenantId: TENANT }

function consentMakers({ operator, players, serial, repeat }: World): Makers {
  const subjects = PURPOSES.flatMap((purpose) => players.map((player) => ({ player, purpose })))
  const [own, recorded] = [createRound(subjects), createRound(subjects)]
  const version = () => `v${serial()}`
  const ids: { id: string; player: Player }[] = []
  const given = createStock<Subject>('consents', (count) =>
    repeat('giveConsent', giveConsent, count),
  )
  const written = createStock<Subject>('consents written down', (count) =>
    repeat('recordConsent', recordConsent, count),
  )
  const giveConsent: Maker = {
    ask: () => {
      const subject = own()
      const { player, purpose } = subject
      return act(player, { ...WEB, purpose, version: version() }, (made) => {
        given.put(subject)
        ids.push({ id: idOf(made), player })
      })
    },
  }
  const recordConsent: Maker = {
    ask: () => {
      const subject = recorded()
      const { player, purpose } = subject
      const input = { ...WEB, userId: player.userId, purpose, version: version() }
      return act(operator, input, () => written.put(subject))
    },
  }
  return {
    giveConsent,
    withdrawConsent: {
      prepare: given.fill,
      ask: () => {
        const { player, purpose } = given.take()
        return act(player, { ...WEB, purpose })
      },
    },
    recordConsent,
    recordWithdrawal: {
      prepare: written.fill,
      ask: () => {
        const { player, purpose } = written.take()
        return act(operator, { ...WEB, userId: player.userId, purpose })
      },
    },
    ...consentQueries({ operator, players }, { given, ids }),
  }
}

function consentQueries(
  { operator, players }: Pick<World, 'operator' | 'players'>,
  { given, ids }: { given: Stock<Subject>; ids: readonly { id: string; player: Player }[] },
): Makers {
  const player = createRound(players)
  let place = 0
  return {
    consent: {
      prepare: async () => {
        if (ids.length === 0) await given.fill(players.length)
      },
      ask: () => {
        place += 1
        const { id, player: owner } = ids[place % ids.length] as { id: string; player: Player }
        return see(owner, { id })
      },
    },
    consents: { ask: () => see(operator) },
    consentAggregates: { ask: () => see(operator, { groupBy: ['PURPOSE'] }) },
    consentPurposes: { ask: () => see(player()) },
  }
}

type Rule = { id: string; tenantId: string }

function alertMakers({ operator, serial, repeat, ask }: World, homes: Stock<string>): Makers {
  const rules = createStock<Rule>('alert rules', (count) =>
    repeat('setAlertRule', setAlertRule, count),
  )
  let made = 0
  const setAlertRule: Maker = {
    prepare: (count) => homes.fill(Math.ceil((made + count) / RULES_OF_TENANT)),
    ask: () => {
      const tenantId = homes.all[Math.floor(made / RULES_OF_TENANT)] ?? ''
      made += 1
      const input = { tenantId, name: `rule ${serial()}`, action: ALERTED_ACTION }
      return act(operator, { ...input, threshold: 1, windowSeconds: 1 }, (rule) =>
        rules.put({ id: idOf(rule), tenantId }),
      )
    },
  }
  const alerts = createStock<string>('alerts', async (count) => {
    await rules.fill(count)
    await raise({ operator, serial, ask }, { rules, alerts })
  })
  return {
    setAlertRule,
    alertRules: { ask: () => see(operator) },
    alerts: { ask: () => see(operator) },
    acknowledgeAlert: { prepare: alerts.fill, ask: () => act(operator, { id: alerts.take() }) },
    removeAlertRule: { prepare: rules.fill, ask: () => act(operator, { id: rules.take().id }) },
  }
}

/** One event in each tenant raises an alert of each of its rules. */
async function raise(
  { operator, serial, ask }: Pick<World, 'operator' | 'serial' | 'ask'>,
  { rules, alerts }: { rules: Stock<Rule>; alerts: Stock<string> },
): Promise<void> {
  await new Promise((done) => setTimeout(done, AFTER_WINDOW_MS))
  const tenants = [...Map.groupBy(rules.all, ({ tenantId }) => tenantId)]
  for (const [tenantId, { length: expected }] of tenants) {
    const flag = { tenantId, key: `alerting.${serial()}`, isEnabled: true, rolloutPercent: 100 }
    await ask('setFeatureFlag', act(operator, { ...flag, description: 'Raises alerts.' }))
    const found = await untilRaised({ operator, ask }, { tenantId, expected })
    alerts.putAll(found)
  }
}

/** The alerts of a tenant that nobody has acknowledged, once there are enough. */
async function untilRaised(
  { operator, ask }: Pick<World, 'operator' | 'ask'>,
  { tenantId, expected }: { tenantId: string; expected: number },
): Promise<string[]> {
  const end = performance.now() + LONGEST_EVALUATION_MS
  for (;;) {
    const open: string[] = []
    const keep = (found: Made) => {
      const alerts = nodesOf(found).filter(({ acknowledgedAt }) => acknowledgedAt == null)
      open.push(...alerts.map(idOf))
    }
    const where = { tenantId: { eq: tenantId } }
    const page: Asked = { by: operator, variables: { where, first: 100 }, keep }
    await ask('alerts', page)
    if (open.length >= expected) return open
    if (performance.now() > end) throw new Error(`${open.length} of ${expected} alerts were raised`)
    await new Promise((done) => setTimeout(done, 200))
  }
}

/** Entries that a look goes back: two thousand, as many as one may take, are an auditor's work of a while. */
const LOOKED_BACK = 100

function auditMakers({ operator, ask }: World): Makers {
  const entries = createStock<string>('audit entries', async () => {
    const keep = (found: Made) => entries.putAll(nodesOf(found).map(idOf))
    await ask('auditLogs', { ...see(operator), keep })
  })
  let newest = 1
  const findNewest = async () => {
    const orderBy = [{ field: 'ID', direction: 'DESC' }]
    const page = { where: { tenantId: { eq: TENANT } }, orderBy, first: 1 }
    const keep = (found: Made) => {
      newest = Number(nodesOf(found)[0]?.seq ?? 1)
    }
    await ask('auditLogs', { ...see(operator, page), keep })
  }
  return {
    auditLog: { prepare: () => entries.fill(10), ask: () => see(operator, { id: entries.next() }) },
    auditLogs: { ask: () => see(operator) },
    auditLogAggregates: { ask: () => see(operator, { groupBy: ['ACTION'] }) },
    auditVerification: {
      prepare: findNewest,
      ask: () => see(operator, { tenantId: TENANT, fromSeq: Math.max(1, newest - LOOKED_BACK) }),
    },
  }
}

/** Policies, consents, alerts, the audit log. */
export function complianceMakers(world: World, homes: Stock<string>): Makers {
  return {
    ...policyMakers(world),
    ...consentMakers(world),
    ...alertMakers(world, homes),
    ...auditMakers(world),
  }
}
