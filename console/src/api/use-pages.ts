import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { useEffect, useMemo } from 'react'
import {
  type AnyVariables,
  type Client,
  createRequest,
  type OperationResult,
  useClient,
} from 'urql'
import { liveStatus } from '../live/live-state.ts'
import { UNREACHABLE } from '../session/session-calls.ts'
import { createStore, type Store, useStore } from '../store.ts'
import { type Problem, problemIn } from './problem.ts'
import { ownChanges } from './use-change.ts'

type Connection<Node> = {
  edges: readonly { node: Node }[]
  pageInfo: { hasNextPage: boolean; endCursor?: string | null }
}

/** A list that is read page by page, as it stands. */
export type PagesState<Node> = {
  rows: readonly Node[]
  /** Nothing of it was read yet. */
  isFirstLoad: boolean
  isLoading: boolean
  hasMore: boolean
  /** Of the page that failed last; the rows before it stay. */
  problem: Problem | null
}

/** A list with what one may do with it. */
export type Pages<Node> = PagesState<Node> & {
  /** The next page; nothing while one is on its way or none is left. */
  loadMore: () => void
  /** All pages that were read, anew. */
  reload: () => void
  /** What failed, once more: the next page alone, where that is all that is not there. */
  retry: () => void
}

export type PagesOptions<Data, Variables, Node> = {
  document: TypedDocumentNode<Data, Variables>
  /** Without `after`. */
  variables: Omit<Variables, 'after'>
  connectionIn: (data: Data) => Connection<Node> | null | undefined
  /** Reads nothing. */
  isPaused?: boolean
}

type Page<Node> = {
  connection: Connection<Node> | null
  problem: Problem | null
  leave: () => void
}

const EMPTY = { rows: [], isFirstLoad: true, isLoading: true, hasMore: false, problem: null }

type Policy = 'cache-and-network' | 'network-only'

/**
 * The pages of one question, each read once: were all of them to follow the cache, every page that comes
 * would have all before it worked out again.
 */
class PagedList<Data, Variables, Node> {
  readonly state: Store<PagesState<Node>> = createStore<PagesState<Node>>(EMPTY)
  readonly #client: Client
  readonly #options: PagesOptions<Data, Variables, Node>
  #pages: Page<Node>[] = []
  /** Pages that are read anew beside those that are shown: all are exchanged at once, so that no row stands twice. */
  #aside: Page<Node>[] | null = null
  /** The end was seen while pages were read anew. */
  #wantsMore = false
  /** What is shown was to be read anew, and that failed. */
  #isOld = false

  constructor(client: Client, options: PagesOptions<Data, Variables, Node>) {
    this.#client = client
    this.#options = options
  }

  start(): void {
    if (this.#pages.length === 0) this.#read(this.#pages, null, 'cache-and-network')
  }

  stop(): void {
    for (const { leave } of [...this.#pages, ...(this.#aside ?? [])]) leave()
    this.#pages = []
    this.#aside = null
  }

  readonly loadMore = (): void => {
    if (this.#aside) {
      this.#wantsMore = true
      return
    }
    const { hasNextPage, endCursor } = this.#pages.at(-1)?.connection?.pageInfo ?? {}
    if (hasNextPage && endCursor) this.#read(this.#pages, endCursor, 'cache-and-network')
  }

  /** One after the other: where rows came or went, each page begins where the one before ends now. */
  readonly reload = (): void => {
    for (const { leave } of this.#aside ?? []) leave()
    this.#aside = []
    this.#read(this.#aside, null, 'network-only')
  }

  readonly retry = (): void => {
    const last = this.#pages.at(-1)
    const isOnlyNextMissing = last?.problem && last.connection === null && this.#pages.length > 1
    if (this.#aside || this.#isOld || !isOnlyNextMissing) {
      this.reload()
      return
    }
    last.leave()
    this.#pages.pop()
    this.loadMore()
  }

  #read(into: Page<Node>[], after: string | null, requestPolicy: Policy): void {
    const variables = { ...this.#options.variables, after } as unknown as AnyVariables
    const request = createRequest(this.#options.document, variables)
    const page: Page<Node> = { connection: null, problem: null, leave: () => undefined }
    into.push(page)
    this.#tell()
    const source = this.#client.executeQuery<Data>(request as never, { requestPolicy })
    let isRead = false
    const { unsubscribe } = source.subscribe((result) => {
      // What comes from the cache first is followed by the platform's own word.
      isRead = !result.stale
      if (isRead) page.leave()
      this.#take(page, result)
    })
    page.leave = unsubscribe
    if (isRead) unsubscribe()
  }

  #take(page: Page<Node>, { data, error, stale }: OperationResult<Data>): void {
    if (data) page.connection = this.#options.connectionIn(data) ?? page.connection
    page.problem = error ? problemIn(error) : null
    if (this.#pages.includes(page)) this.#tell()
    else if (this.#aside?.at(-1) === page && !stale) this.#goOn(this.#aside, page)
  }

  /** After each page of a reload, until as many are read as there were. */
  #goOn(aside: Page<Node>[], page: Page<Node>): void {
    const { hasNextPage, endCursor } = page.connection?.pageInfo ?? {}
    const isShort = aside.length < this.#pages.length
    if (!page.problem && isShort && hasNextPage && endCursor) {
      this.#read(aside, endCursor, 'network-only')
      return
    }
    this.#aside = null
    this.#isOld = page.problem !== null
    // What was shown stays where it cannot be read anew.
    const [gone, kept] =
      page.problem && this.#pages.length > 0 ? [aside, this.#pages] : [this.#pages, aside]
    for (const { leave } of gone) leave()
    const last = kept.at(-1)
    if (last) last.problem = page.problem
    this.#pages = kept
    this.#tell()
    const wantsMore = this.#wantsMore
    this.#wantsMore = false
    if (wantsMore) this.loadMore()
  }

  #tell(): void {
    const pages = this.#pages
    const rows = pages.flatMap(({ connection }) => connection?.edges.map(({ node }) => node) ?? [])
    const problem = pages.find((page) => page.problem)?.problem ?? null
    const isOpen = pages.some((page) => page.connection === null && page.problem === null)
    const isRead = pages.some((page) => page.connection !== null || page.problem !== null)
    const hasMore = pages.at(-1)?.connection?.pageInfo.hasNextPage ?? false
    const isLoading = isOpen || this.#aside !== null
    this.state.set({ rows, isFirstLoad: !isRead, isLoading, hasMore, problem })
  }
}

/** A list of any length, page by page, for a component that shows it. */
export function usePages<Data, Variables, Node>(
  options: PagesOptions<Data, Variables, Node>,
): Pages<Node> {
  const client = useClient()
  const key = JSON.stringify(options.variables)
  // The variables are told apart by their text.
  const list = useMemo(() => new PagedList(client, options), [client, options.document, key])
  useEffect(() => {
    if (options.isPaused) return
    list.start()
    const stopHearing = ownChanges.listen(list.reload)
    const stopWaiting = liveStatus.listen(() => {
      const isAway = list.state.get().problem?.code === UNREACHABLE
      if (isAway && liveStatus.get() === 'live') list.retry()
    })
    return () => {
      stopHearing()
      stopWaiting()
      list.stop()
    }
  }, [list, options.isPaused])
  const { loadMore, reload, retry } = list
  return { ...useStore(list.state), loadMore, reload, retry }
}
