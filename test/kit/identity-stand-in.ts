import type { ServiceAddress } from '#kernel/service/subgraph-fetch.ts'

/** Where a person is known; a test names what is asked of it. */
export type Places = { tenantIds?: readonly string[]; guildIds?: readonly string[] }

/** Who is known where, or how the stand-in fails. */
export type Knowing =
  | { people: Readonly<Record<string, Places>> }
  | { status: number; code?: string }
  | 'throws'

type Asked = { variables: { id: string } }

/**
 * Answers `user(id) { tenantIds guildIds }` where the real identity is not what a test is about; it
 * checks no rights. With the real one: test/federation/ accounts-, consents- and conversations-of-others.
 */
export function createIdentityStandIn(knowing: Knowing) {
  let current = knowing
  const asked: string[] = []
  const answer = async (request: Request): Promise<Response> => {
    const { variables } = (await request.json()) as Asked
    asked.push(variables.id)
    if (current === 'throws') throw new Error('the line is dead')
    if ('people' in current) {
      return Response.json({ data: { user: current.people[variables.id] ?? null } })
    }
    const { status, code } = current
    return Response.json(code ? { errors: [{ extensions: { code } }] } : {}, { status })
  }
  return {
    /** The persons asked about, one for each try. */
    asked,
    know: (next: Knowing) => {
      current = next
    },
    address: (): ServiceAddress => ({ url: 'http://identity.local', fetch: answer }),
  }
}
