import { gatewayFacts } from '../../gateway-facts.ts'

/** One operation to begin with. */
export type Example = {
  /** As it stands in the address. */
  name: string
  title: string
  /** What it says of itself. */
  text: string
  about: string
  kind: 'query' | 'mutation' | 'subscription'
}

const FILES = import.meta.glob<string>('../../../../schema/operations/*.graphql', {
  query: '?raw',
  import: 'default',
  eager: true,
})

const nameOf = (path: string) => path.split('/').at(-1)?.replace('.graphql', '') ?? path

function titleOf(name: string): string {
  const words = name.replaceAll('-', ' ').replace(/\bapi\b/, 'API')
  return words[0] === 'A' ? words : words.charAt(0).toUpperCase() + words.slice(1)
}

function aboutOf(text: string): string {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('#'))
  const words = lines.slice(0, end).map((line) => line.replace(/^#\s*/, ''))
  return words.join(' ')
}

const kindOf = (text: string): Example['kind'] => {
  const [, kind] = /^(query|mutation|subscription)\b/m.exec(text) ?? []
  return kind === 'mutation' || kind === 'subscription' ? kind : 'query'
}

/** Documents that partners use, as the platform knows them; none where another schema is served. */
export const EXAMPLES: readonly Example[] = Object.entries(gatewayFacts.hasPlatform ? FILES : {})
  .map(([path, text]) => ({
    name: nameOf(path),
    title: titleOf(nameOf(path)),
    text,
    about: aboutOf(text),
    kind: kindOf(text),
  }))
  .sort((one, other) => one.title.localeCompare(other.title))

/** What the workbench opens with where nothing was kept. */
export const FIRST_EXAMPLE = 'guild-board'
