/** How a request reaches a subgraph, over HTTP or within the process: the same shape for both. */
export type SubgraphFetch = (request: Request) => Promise<Response>

/** Where a service is reached: its base URL (no slash at its end) and the transport that takes requests there. */
export type ServiceAddress = { url: string; fetch: SubgraphFetch }
