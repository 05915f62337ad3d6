import type { MarketType, SelectionName } from '../gql/documents.ts'

type Fair = { selection: string; odds: number; line?: number }

/** What a query says that prices should be. */
export type FairSources = {
  consensus?:
    | { probabilities: readonly { selection: { id: string }; fairOdds: number }[] }
    | null
    | undefined
  fairPrices?:
    | { matchResult?: readonly Fair[]; overUnder?: readonly Fair[]; bothScore?: readonly Fair[] }
    | null
    | undefined
}

/** What a selection should cost: to the model, and to all sources together. Thousandths; null: nobody says. */
export type FairPair = { model: number | null; market: number | null }

type Asked = { type: MarketType; line: number; selection: { id: string; name: SelectionName } }

/** The fair prices of one selection, without anybody's margin. */
export function fairPair(
  { type, line, selection }: Asked,
  { consensus, fairPrices }: FairSources,
): FairPair {
  const lists: Partial<Record<MarketType, readonly Fair[] | undefined>> = {
    MATCH_RESULT: fairPrices?.matchResult,
    OVER_UNDER: fairPrices?.overUnder?.filter((fair) => fair.line === line),
    BOTH_SCORE: fairPrices?.bothScore,
  }
  const name = selection.name.toLowerCase()
  const model = lists[type]?.find((fair) => fair.selection === name)?.odds ?? null
  const market =
    consensus?.probabilities.find((chance) => chance.selection.id === selection.id)?.fairOdds ??
    null
  return { model, market }
}

/** By how much a price pays more than it should, as a share: 0.03 is three in a hundred. */
export const edgeOver = (odds: number, fairOdds: number): number => odds / fairOdds - 1
