import { Button, Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { ConsoleBettingAccountsQuery, PriceChange } from '../gql/documents.ts'
import { useNow } from '../live/live-state.ts'
import { minorUnits, moneyText, oddsText } from '../parts/figures.ts'
import { RefusedBet } from './refused-bet.tsx'
import { combinedOdds, payoutOf, type SlipLeg } from './slip.ts'
import { UnknownBets } from './unknown-bets.tsx'
import { type PlacedBet, usePlaceBet } from './use-place-bet.ts'

type Me = NonNullable<ConsoleBettingAccountsQuery['me']>
export type BettingAccount = NonNullable<Me['accounts']>['edges'][number]['node']

const POLICIES: { value: PriceChange; label: string; says: string }[] = [
  { value: 'BETTER', label: 'Or better', says: 'Placed at these odds, or at higher ones.' },
  { value: 'EXACT', label: 'Exactly', says: 'Placed at these odds only.' },
  { value: 'ANY', label: 'Any', says: 'Placed at whatever the odds are then.' },
]

type StakeCheck = { stake: string | null; mistake: string | null }

/** Looks at a stake before it is sent; the platform looks again. */
function checkStake(text: string, { currency, balance, guild }: BettingAccount): StakeCheck {
  if (text.trim() === '') return { stake: null, mistake: null }
  const stake = minorUnits(text, currency)
  if (stake === null || BigInt(stake) === 0n) {
    return { stake: null, mistake: 'Write an amount, such as 5 or 2.50.' }
  }
  const limit = guild?.bettingLimits?.find((found) => found.currency === currency)
  if (limit && BigInt(stake) < BigInt(limit.minStake.amount)) {
    return { stake: null, mistake: `At least ${moneyText(limit.minStake)} here.` }
  }
  if (limit && BigInt(stake) > BigInt(limit.maxStake.amount)) {
    return { stake: null, mistake: `At most ${moneyText(limit.maxStake)} here.` }
  }
  if (BigInt(stake) > BigInt(balance.amount)) {
    return { stake: null, mistake: `You have ${moneyText(balance)}.` }
  }
  return { stake, mistake: null }
}

type SlipFormProps = {
  accounts: readonly BettingAccount[]
  legs: readonly SlipLeg[]
  onPlaced: (bet: PlacedBet) => void
}

/** How much, from which account, at which prices; and the way to place it. */
export function SlipForm({ accounts, legs, onPlaced }: SlipFormProps) {
  const [accountId, setAccountId] = useState(accounts[0]?.id ?? '')
  const [text, setText] = useState('')
  const [priceChange, setPriceChange] = useState<PriceChange>('BETTER')
  const { place, isRunning, problem, isUncertain, clear } = usePlaceBet()
  const now = useNow()
  const written = useRef<HTMLInputElement>(null)
  // The slip may be open before the accounts are there.
  useEffect(() => written.current?.focus({ preventScroll: true }), [])
  const account = accounts.find(({ id }) => id === accountId) ?? accounts[0]
  if (!account) return null
  const { currency } = account
  const isClosed = legs.some(({ startsAt }) => Date.parse(startsAt) <= now)
  const { stake, mistake } = checkStake(text, account)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (stake === null || isClosed) return
    const bet = await place({ accountId: account.id, currency, stake, priceChange, legs })
    if (bet) onPlaced(bet)
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        <AccountChoice accounts={accounts} account={account} onChoose={setAccountId} />
        <TextInput
          ref={written}
          label={`Stake in ${currency}`}
          inputMode="decimal"
          autoComplete="off"
          maxLength={16}
          data-autofocus
          data-stake
          value={text}
          error={mistake}
          onChange={({ currentTarget }) => {
            clear()
            setText(currentTarget.value)
          }}
        />
        <Stack gap={4}>
          <Text size="sm" id="price-policy">
            If the price moves
          </Text>
          <SegmentedControl
            aria-labelledby="price-policy"
            value={priceChange}
            onChange={(value) => setPriceChange(value as PriceChange)}
            data={POLICIES.map(({ value, label }) => ({ value, label }))}
          />
          <Text size="xs" className="quiet">
            {POLICIES.find(({ value }) => value === priceChange)?.says}
          </Text>
        </Stack>
        <Totals legs={legs} stake={stake} currency={currency} />
        {problem ? <RefusedBet {...{ problem, legs, currency, isUncertain }} /> : null}
        {problem || isRunning ? null : <UnknownBets />}
        <Button type="submit" loading={isRunning} disabled={stake === null || isClosed}>
          {stake === null
            ? 'Place the bet'
            : `Place the bet · ${moneyText({ amount: stake, currency })}`}
        </Button>
      </Stack>
    </form>
  )
}

type AccountChoiceProps = {
  accounts: readonly BettingAccount[]
  account: BettingAccount
  onChoose: (id: string) => void
}

function AccountChoice({ accounts, account, onChoose }: AccountChoiceProps) {
  const label = ({ guild, balance }: BettingAccount) =>
    `${guild?.name ?? 'Account'} · ${moneyText(balance)}`
  if (accounts.length === 1) {
    return (
      <Text size="sm">
        <span className="quiet">From </span>
        {label(account)}
      </Text>
    )
  }
  return (
    <Select
      label="From"
      allowDeselect={false}
      value={account.id}
      onChange={(value) => value && onChoose(value)}
      data={accounts.map((found) => ({ value: found.id, label: label(found) }))}
    />
  )
}

type TotalsProps = { legs: readonly SlipLeg[]; stake: string | null; currency: string }

function Totals({ legs, stake, currency }: TotalsProps) {
  const payout = stake === null ? null : payoutOf(stake, legs)
  return (
    <Stack gap={0}>
      <Group justify="space-between">
        <Text size="sm" className="quiet">
          {legs.length === 1 ? 'Odds' : `Odds of ${legs.length} together`}
        </Text>
        <Text fw={650}>{oddsText(combinedOdds(legs))}</Text>
      </Group>
      <Group justify="space-between">
        <Text size="sm" className="quiet">
          Pays if it wins
        </Text>
        <Text fw={650}>{payout === null ? '–' : moneyText({ amount: payout, currency })}</Text>
      </Group>
    </Stack>
  )
}
