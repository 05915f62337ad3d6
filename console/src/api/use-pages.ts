import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { useEffect, useMemo } from 'react'
import {
  type AnyVariables,
  type Client,
  createRequest,
  type OperationResult,
  useClient,
} from 'urql'
import { createStore, type Store, useStore } from '../store.ts'
import { type Problem, problemIn } from './problem.ts'

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

/** The pages of one question; each goes on hearing what changes in it (graphcache). */
class PagedList<Data, Variables, Node> {
  readonly state: Store<PagesState<Node>> = createStore<PagesState<Node>>(EMPTY)
  readonly #client: Client
  readonly #options: PagesOptions<Data, Variables, Node>
  #pages: Page<Node>[] = []
  /** How many pages a reload under way reads; 0: none is. */
  #wanted = 0
  /** The page that this reload waits for. */
  #awaited: Page<Node> | null = null

  constructor(client: Client, options: PagesOptions<Data, Variables, Node>) {
    this.#client = client
    this.#options = options
  }

  start(): void {
    if (this.#pages.length === 0) this.#read(0, null, 'cache-and-network')
  }

  stop(): void {
    for (const { leave } of this.#pages) leave()
    this.#pages = []
    this.#wanted = 0
    this.#awaited = null
  }

  readonly loadMore = (): void => {
    const last = this.#pages.at(-1)
    const cursor = last?.connection?.pageInfo.endCursor
    if (this.#wanted === 0 && last?.connection?.pageInfo.hasNextPage && cursor) {
      this.#read(this.#pages.length, cursor, 'cache-and-network')
    }
  }

  /** One after the other: where rows came or went, each page begins where the one before ends now. */
  readonly reload = (): void => {
    this.#wanted = Math.max(1, this.#pages.length)
    this.#read(0, null, 'network-only')
  }

  /** Goes on with a reload after each of its pages, until as many are read as there were. */
  #goOn(index: number): void {
    if (index + 1 >= this.#wanted) {
      this.#wanted = 0
      return
    }
    const { hasNextPage, endCursor } = this.#pages[index]?.connection?.pageInfo ?? {}
    if (hasNextPage && endCursor) {
      this.#read(index + 1, endCursor, 'network-only')
      return
    }
    for (const { leave } of this.#pages.splice(index + 1)) leave()
    this.#wanted = 0
    this.#tell(false)
  }

  #read(index: number, after: string | null, requestPolicy: 'cache-and-network' | 'network-only') {
    const variables = { ...this.#options.variables, after } as unknown as AnyVariables
    const request = createRequest(this.#options.document, variables)
    this.#pages[index]?.leave()
    const before = this.#pages[index]?.connection ?? null
    const page: Page<Node> = { connection: before, problem: null, leave: () => undefined }
    this.#pages[index] = page
    if (this.#wanted > 0) this.#awaited = page
    this.#tell(true)
    const source = this.#client.executeQuery<Data>(request as never, { requestPolicy })
    const { unsubscribe } = source.subscribe((result) => this.#take(page, result))
    page.leave = unsubscribe
  }

  #take(page: Page<Node>, { data, error, stale }: OperationResult<Data>): void {
    if (!this.#pages.includes(page)) return
    if (data) page.connection = this.#options.connectionIn(data) ?? page.connection
    page.problem = error ? problemIn(error) : null
    this.#tell(stale)
    // What comes from the cache first is followed by the platform's own word.
    if (page !== this.#awaited || stale) return
    this.#awaited = null
    this.#goOn(this.#pages.indexOf(page))
  }

  #tell(isLoading: boolean): void {
    const pages = this.#pages
    const rows = pages.flatMap(({ connection }) => connection?.edges.map(({ node }) => node) ?? [])
    const problem = pages.find((page) => page.problem)?.problem ?? null
    const isRead = pages.some((page) => page.connection !== null || page.problem !== null)
    const hasMore = pages.at(-1)?.connection?.pageInfo.hasNextPage ?? false
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
    if (!options.isPaused) list.start()
    return () => list.stop()
  }, [list, options.isPaused])
  return { ...useStore(list.state), loadMore: list.loadMore, reload: list.reload }
}
