/** What the gateway wrote into the page that it served. */
export type GatewayFacts = {
  endpoint: string
  /** For the style rules that the console writes itself. */
  nonce: string
  hasPlatform: boolean
  hasIntrospection: boolean
}

const metaOf = (name: string) =>
  document.querySelector<HTMLMetaElement>(`meta[name="dbsbm:${name}"]`)?.content

export const gatewayFacts: GatewayFacts = {
  endpoint: metaOf('endpoint') ?? '/graphql',
  nonce: metaOf('nonce') ?? '',
  hasPlatform: metaOf('platform') !== 'no',
  hasIntrospection: metaOf('introspection') !== 'no',
}

/** The endpoint as a socket. */
export function socketUrl(): string {
  const url = new URL(gatewayFacts.endpoint, location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}
