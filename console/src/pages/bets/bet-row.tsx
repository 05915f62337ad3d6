import { Button, Group, Stack, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useChange } from '../../api/use-change.ts'
import { ConsoleCashOutDocument, type ConsoleMyBetsQuery } from '../../gql/documents.ts'
import { dayTimeText, moneyText, oddsText } from '../../parts/figures.ts'
import { tell } from '../../parts/tell.tsx'
import { marketName, selectionText } from '../../prices/names.ts'
import { outcomeOf } from './bet-outcome.ts'
import classes from './bets.module.css'

type Me = NonNullable<ConsoleMyBetsQuery['me']>
export type MyBet = NonNullable<Me['bets']>['edges'][number]['node']

const legText = (leg: MyBet['legs'][number]) =>
  `${selectionText(leg.selection, leg)} · ${marketName(leg.marketType, leg.line)}`

/** One bet: on what, how much, how it stands, and the way out of it. */
export function BetRow({ bet }: { bet: MyBet }) {
  const { legs, stake, odds, placedAt, guild } = bet
  const [first] = legs
  if (!first) return null
  const title = legs.length === 1 ? legText(first) : `Multiple of ${legs.length}`
  const games =
    legs.length === 1
      ? `${first.home} v ${first.away}`
      : legs.map((leg) => `${legText(leg)} (${leg.home} v ${leg.away})`).join(', ')
  return (
    <div className={classes.row} data-bet={bet.id}>
      <Stack gap={0} miw={0}>
        <Text fw={600} truncate title={title}>
          {title}
        </Text>
        <Text size="sm" className="quiet" truncate title={games}>
          {games}
        </Text>
        <Text size="xs" className="quiet" truncate>
          {`Placed ${dayTimeText(placedAt)}${guild ? ` in ${guild.name}` : ''}`}
        </Text>
      </Stack>
      <Stack gap={0} className={classes.stake}>
        <Text fw={600}>{moneyText(stake)}</Text>
        <Text size="sm" className="quiet">{`at ${oddsText(odds)}`}</Text>
      </Stack>
      <Outcome bet={bet} />
    </div>
  )
}

function Outcome({ bet }: { bet: MyBet }) {
  const { sign, words } = outcomeOf(bet)
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      <Stack gap={0} align="end">
        <Text size="sm" fw={600} data-outcome={bet.outcome ?? bet.status}>
          <span aria-hidden>{`${sign} `}</span>
          {words}
        </Text>
        {bet.status === 'OPEN' ? (
          <Text size="sm" className="quiet">{`pays ${moneyText(bet.potentialPayout)}`}</Text>
        ) : null}
      </Stack>
      {bet.cashOutOffer ? <CashOut bet={bet} offer={bet.cashOutOffer} /> : null}
    </Group>
  )
}

type Money = { amount: string; currency: string }

/** Sells the bet back for what is offered now; what has changed meanwhile is said, never taken silently. */
function CashOut({ bet, offer }: { bet: MyBet; offer: Money }) {
  const { run, isRunning, problem } = useChange(ConsoleCashOutDocument)
  const [isAsking, setAsking] = useState(false)
  const key = useRef('')
  useEffect(() => {
    if (!problem) return
    // What nobody knows the outcome of is asked again under the same key.
    if (!problem.isRetryable) key.current = ''
    const message = `${problem.text} ${problem.advice}`
    tell({ tone: 'failed', title: problem.title, message })
  }, [problem])
  const sell = async () => {
    key.current ||= crypto.randomUUID()
    const told = await run({
      input: { betId: bet.id, amount: offer.amount, idempotencyKey: key.current },
    })
    setAsking(false)
    if (!told?.cashOutBet) return
    key.current = ''
    const paid = told.cashOutBet.payout
    tell({
      tone: 'done',
      title: 'Bet cashed out',
      message: paid ? `${moneyText(paid)} were paid to your account.` : 'It is paid.',
    })
  }
  if (!isAsking) {
    return (
      <Button variant="default" size="xs" loading={isRunning} onClick={() => setAsking(true)}>
        {`Cash out ${moneyText(offer)}`}
        <span className="visually-hidden">{` of bet ${bet.id}`}</span>
      </Button>
    )
  }
  return (
    <Group gap={4} wrap="nowrap" role="group" aria-label="The bet ends, and this is paid at once">
      <Button size="xs" autoFocus loading={isRunning} onClick={() => void sell()}>
        {`Take ${moneyText(offer)}`}
      </Button>
      <Button variant="default" size="xs" disabled={isRunning} onClick={() => setAsking(false)}>
        Keep the bet
      </Button>
    </Group>
  )
}
