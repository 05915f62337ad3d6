import { readFileSync } from 'node:fs'
import type { Federation } from '../differential/federation.ts'

const DOMAINS = ['identity', 'tenancy', 'ai', 'compliance', 'analytics']

const sdlOf = (domain: string) =>
  readFileSync(new URL(`../../../../schema/${domain}.graphql`, import.meta.url), 'utf8')

/** The platform's own five subgraphs, as their schemas stand. */
export const platform: Federation = {
  name: 'platform',
  about: 'the five subgraphs of this platform, with their rights',
  isForApollo: true,
  subgraphs: Object.fromEntries(DOMAINS.map((domain) => [domain, sdlOf(domain)])),
}
