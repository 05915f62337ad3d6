/** Whoever asks: what their access token is now. */
export type Asker = { token: string }

/** What an answer made or found under its root field. */
export type Made = Readonly<Record<string, unknown>>

/** One request: who asks, with which values, and what becomes of the answer. */
export type Asked = {
  /** Null for who has not signed in yet. */
  by: Asker | null
  variables: Readonly<Record<string, unknown>>
  keep?: (made: Made) => void
  /** What has to be so before, asked outside the measured time. */
  before?: Asked & { root: string }
}

/** How one root field is asked again and again, each time for something that is still to be had. */
export type Maker = {
  /** Makes what so many requests use up, outside the measured time. */
  prepare?: (count: number) => Promise<void>
  ask: () => Asked
  /** In place of all that is flat. */
  select?: string
}

/** Makers by root field. */
export type Makers = Readonly<Record<string, Maker>>

/** A mutation's request. */
export const act = (by: Asker | null, input: object, keep?: (made: Made) => void): Asked => ({
  by,
  variables: { input },
  ...(keep && { keep }),
})

/** A query's request. */
export const see = (by: Asker, variables: Asked['variables'] = {}): Asked => ({ by, variables })

/** The id of what was made. */
export const idOf = ({ id }: Made): string => String(id)

/** The things of a list that was found. */
export const nodesOf = ({ edges }: Made): Made[] =>
  (edges as { node: Made }[]).map(({ node }) => node)
