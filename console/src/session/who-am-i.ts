import { useAnswer } from '../api/use-answer.ts'
import { ConsoleWhoAmIDocument } from '../gql/documents.ts'
import { useSession } from './rights.ts'

/** The person who is signed in, in words. */
export type WhoAmI = {
  userId: string
  name: string
  email: string
  /** Where the rights of this session hold. */
  place: string
  tenants: readonly { id: string; name: string }[]
  guilds: readonly { id: string; name: string }[]
}

type Named = { id: string; name: string }

const nameIn = (list: readonly Named[], id: string | null) =>
  list.find((place) => place.id === id)?.name ?? id

/** Reads who is signed in; their id stands for their name until it is there. */
export function useWhoAmI(): WhoAmI {
  const { userId, reach, tenantId, guildId } = useSession()
  const [{ data, fetching }] = useAnswer({ query: ConsoleWhoAmIDocument })
  const tenants = data?.me?.tenants?.edges.map(({ node }) => node) ?? []
  const guilds = data?.me?.guilds?.edges.map(({ node }) => node) ?? []
  const places = {
    NONE: 'no place chosen',
    PLATFORM: 'the whole platform',
    TENANT: `tenant ${nameIn(tenants, tenantId)}`,
    GUILD: `guild ${nameIn(guilds, guildId)}`,
  }
  return {
    userId,
    name: data?.me?.displayName ?? (fetching ? '…' : `Person ${userId}`),
    email: data?.me?.email ?? '',
    place: places[reach],
    tenants,
    guilds,
  }
}
