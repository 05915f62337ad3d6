import type { ServiceAddress } from '#kernel/service/subgraph-fetch.ts'

/** Who is known in which tenants, or how the stand-in fails. */
export type Knowing =
  | Readonly<Record<string, readonly string[]>>
  | { status: number; code?: string }
  | 'throws'

type Asked = { query: string; variables: { id: string } }

/**
 * Answers `user(id) { tenantIds }` where the real identity is not what a test is about; it checks no
 * rights. With the real one: test/federation/consents-of-others.test.ts.
 */
export function createIdentityStandIn(knowing: Knowing) {
  let current = knowing
  const asked: string[] = []
  const answer = async (request: Request): Promise<Response> => {
    const { variables } = (await request.json()) as Asked
    asked.push(variables.id)
    if (current === 'throws') throw new Error('the line is dead')
    if ('status' in current) {
      const { status, code } = current as { status: number; code?: string }
      return Response.json(code ? { errors: [{ extensions: { code } }] } : {}, { status })
    }
    const tenantIds = (current as Readonly<Record<string, readonly string[]>>)[variables.id]
    return Response.json({ data: { user: tenantIds ? { tenantIds } : null } })
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
