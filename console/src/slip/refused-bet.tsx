import { Button, Stack, Text } from '@mantine/core'
import type { Problem } from '../api/problem.ts'
import { moneyText, oddsText } from '../parts/figures.ts'
import { ProblemNote } from '../parts/states.tsx'
import { selectionText } from '../prices/names.ts'
import { acceptOdds, type SlipLeg } from './slip.ts'

type RefusedBetProps = {
  problem: Problem
  legs: readonly SlipLeg[]
  currency: string
  /** It was sent, and nobody knows whether it stands. */
  isUncertain: boolean
}

const numberIn = (details: Problem['details'], name: string): number | null =>
  typeof details[name] === 'number' ? details[name] : null

/** Why a bet was refused, with the figures that the platform names and the way on from there. */
export function RefusedBet({ problem, legs, currency, isUncertain }: RefusedBetProps) {
  const { code, details } = problem
  const leg = legs[(numberIn(details, 'position') ?? 0) - 1]
  const odds = numberIn(details, 'currentOdds')
  const bound = details.maxStake ?? details.minStake
  const amount = typeof bound === 'string' ? moneyText({ amount: bound, currency }) : null
  return (
    <Stack gap="xs">
      <ProblemNote problem={problem} />
      {isUncertain ? (
        <Text size="sm" role="status" data-state="uncertain">
          The bet may have been placed. Place the same bet again: it counts once, whatever became of
          the first try. Or look at My bets before you change it.
        </Text>
      ) : null}
      {code === 'PRICE_CHANGED' && leg && odds !== null ? (
        <Button variant="light" onClick={() => acceptOdds(leg.selectionId, odds)}>
          {`Take ${oddsText(odds)} for ${selectionText(leg.selection, leg)}`}
        </Button>
      ) : null}
      {amount ? (
        <Text size="sm">{`The ${details.maxStake ? 'highest' : 'lowest'} stake here is ${amount}.`}</Text>
      ) : null}
    </Stack>
  )
}
