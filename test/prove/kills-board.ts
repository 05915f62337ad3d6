import type { Caller } from './kills-caller.ts'

/** A selection with the price at which it stands. */
export type Offer = { selectionId: string; odds: number; source: string }

/** What can be bet on, by fixture, and which games have begun, whatever became of them. */
export type Board = {
  open: readonly { fixtureId: string; offers: readonly Offer[] }[]
  begun: readonly string[]
}

const OPEN = `query Open($now: DateTime!) {
  fixtures(
    first: 12
    where: { status: { eq: SCHEDULED }, startsAt: { gt: $now } }
    orderBy: [{ field: STARTS_AT, direction: DESC }]
  ) {
    edges { node { id markets { selections {
      id movements(sources: ["market-average"]) { source side currentOdds }
    } } } }
  }
}`
const BEGUN = `query Begun($now: DateTime!) {
  fixtures(first: 24, where: { startsAt: { lt: $now } }, orderBy: [
    { field: STARTS_AT, direction: DESC }
  ]) { edges { node { id } } }
}`

type Nodes<Node> = { fixtures?: { edges: { node: Node }[] } | null } | null
type Movement = { source: string; side: string; currentOdds: number }
type OpenNode = {
  id: string
  markets: { selections: { id: string; movements: Movement[] | null }[] }[]
}

const nodesOf = <Node>(data: unknown): Node[] =>
  ((data as Nodes<Node>)?.fixtures?.edges ?? []).map(({ node }) => node)

function offersOf({ markets }: OpenNode): Offer[] {
  return markets.flatMap(({ selections }) =>
    selections.flatMap(({ id, movements }) =>
      (movements ?? [])
        .filter(({ side }) => side === 'BACK')
        .map(({ source, currentOdds: odds }) => ({ selectionId: id, odds, source })),
    ),
  )
}

/** How long a board serves: prices and kick-offs move on, which some bets should meet. */
const BOARD_KEPT_MS = 3_000

/** Looks what can be bet on. */
async function readBoard(caller: Caller): Promise<Board> {
  const now = new Date().toISOString()
  const open = await caller.ask(OPEN, { now })
  const begun = await caller.ask(BEGUN, { now })
  const codes = [...open.codes, ...begun.codes]
  if (codes.length > 0) throw new Error(`no board: ${codes.join()}`)
  return {
    open: nodesOf<OpenNode>(open.data)
      .map((node) => ({ fixtureId: node.id, offers: offersOf(node) }))
      .filter(({ offers }) => offers.length > 0),
    begun: nodesOf<{ id: string }>(begun.data).map(({ id }) => id),
  }
}

/** One board for all who bet, read anew by whoever finds it old: reading is not what is proved. */
export function createBoards() {
  let kept: { board: Promise<Board>; readAt: number } | null = null
  return async (caller: Caller): Promise<Board> => {
    if (!kept || performance.now() - kept.readAt > BOARD_KEPT_MS) {
      const board = readBoard(caller)
      kept = { board, readAt: Number.POSITIVE_INFINITY }
      await board
      kept = { board, readAt: performance.now() }
    }
    return kept.board
  }
}
