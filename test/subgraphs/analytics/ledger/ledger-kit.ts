import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import { createIdentityStandIn } from '../../../kit/identity-stand-in.ts'
import {
  ACME_GUILD,
  type Answer,
  GLOBEX_GUILD,
  openAnalytics,
  VIEWERS,
  type Who,
  type WorldOptions,
} from '../analytics-kit.ts'
import { createComplianceStandIn } from '../compliance-stand-in.ts'

const ACCOUNT = 'id currency balance { amount currency } held { amount } debt { amount }'
const HOLD = 'id status purpose isFrozen money { amount } endedAt'

const OPEN = `mutation ($input: OpenAccountInput!) { openAccount(input: $input) { ${ACCOUNT} } }`
const ACT = (name: string, type: string, selection: string) =>
  `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`

const ACTS = {
  deposit: ACT('deposit', 'DepositInput', 'id kind currency note user { id }'),
  adjustBalance: ACT('adjustBalance', 'AdjustBalanceInput', 'id kind note'),
  requestWithdrawal: ACT('requestWithdrawal', 'HoldInput', HOLD),
  holdFunds: ACT('holdFunds', 'HoldInput', HOLD),
  releaseHold: ACT('releaseHold', 'HoldEndInput', HOLD),
  captureHold: ACT('captureHold', 'CaptureHoldInput', HOLD),
  completeWithdrawal: ACT('completeWithdrawal', 'HoldEndInput', HOLD),
  freezeHold: ACT('freezeHold', 'FreezeHoldInput', HOLD),
  thawHold: ACT('thawHold', 'FreezeHoldInput', HOLD),
} as const

export type Act = keyof typeof ACTS

export const eur = (amount: number | bigint) => ({ amount: String(amount), currency: 'EUR' })

let keys = 0
/** A key that no other call of this run uses. */
export const newKey = () => `test-key-${++keys}`

export type LedgerWorld = Awaited<ReturnType<typeof openLedger>>

export type GuildSettings = { complianceMode?: boolean; auditLogging?: boolean }

/** People whom identity knows in the guild of Acme, beside those of a test that opens accounts by the dozen. */
const ACME_PEOPLE = [
  '21',
  '22',
  '31',
  '33',
  ...Array.from({ length: 100 }, (_, at) => `${at + 101}`),
]

/** Analytics with a guild of Acme and one of Globex, and somebody who answers for compliance and for identity. */
export async function openLedger(options: WorldOptions & { guild?: GuildSettings } = {}) {
  const compliance = createComplianceStandIn()
  const identity = createIdentityStandIn({
    people: Object.fromEntries(ACME_PEOPLE.map((userId) => [userId, { guildIds: [ACME_GUILD] }])),
  })
  const resolve = (callee: string) =>
    callee === 'identity' ? identity.address() : compliance.resolve(callee)
  const world = await openAnalytics({ resolve, ...options })
  const acme = { guildId: ACME_GUILD, tenantId: '1', ...options.guild }
  await world.deliver('acme-guild', 'guild.registered', acme)
  await world.deliver('globex-guild', 'guild.registered', { guildId: GLOBEX_GUILD, tenantId: '2' })
  const act = async (who: Who, name: Act, input: object): Promise<Answer> => {
    const keyless = name === 'freezeHold' || name === 'thawHold'
    const reasoned = name === 'captureHold' ? { reason: 'was looked into' } : {}
    const whole = keyless ? input : { idempotencyKey: newKey(), ...reasoned, ...input }
    const answer = await world.ask(who, ACTS[name], { input: whole })
    return { ...answer, data: answer.data?.[name] ?? null }
  }
  const openAccount = async (who: Who, input: object = {}): Promise<string> => {
    const answer = await world.ask(who, OPEN, { input: { currency: 'EUR', ...input } })
    if (answer.codes.length > 0) throw new Error(answer.codes.join())
    return answer.data.openAccount.id
  }
  const acrossTenants = () => world.database.acrossTenants()
  return {
    ...world,
    compliance,
    identity,
    act,
    openAccount,
    /** An account of the player with this much in it. */
    fund: async (amount: number, who: keyof typeof VIEWERS = 'player'): Promise<string> => {
      const accountId = await openAccount(who)
      const { codes } = await act('cashier', 'deposit', { accountId, money: eur(amount) })
      if (codes.length > 0) throw new Error(codes.join())
      return accountId
    },
    /** Balance, held money and debt in minor units, as the owner or the cashier sees them. */
    moneyIn: async (accountId: string, who: Who = 'cashier') => {
      const query = `{ account(id: "${accountId}") { ${ACCOUNT} } }`
      const { balance, held, debt } = (await world.ask(who, query)).data.account
      return [balance, held, debt].map(({ amount }) => Number(amount))
    },
    /** The books of each currency, as the platform sees them. */
    check: async () => {
      const reader = { ...VIEWERS.operator, scopes: ['money:read'] }
      return (await world.ask(reader, '{ ledgerCheck { currency sum accounts broken isWhole } }'))
        .data.ledgerCheck
    },
    /** What the outbox holds for a receiver, oldest first. */
    sent: async (receiver: string) => {
      const rows = await acrossTenants().find(OutboxRow, { receiver }, { orderBy: { id: 'asc' } })
      return rows.map(
        ({ kind, payload }): Record<string, unknown> => ({
          kind,
          ...(JSON.parse(payload) as Record<string, unknown>),
        }),
      )
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  }
}
