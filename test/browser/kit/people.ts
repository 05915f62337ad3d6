import type { Ask } from '../../kit/platform.ts'

type Role = { id: string; name: string }

/** Asks, and throws what is refused. */
export async function must<Data>(ask: Ask, query: string, variables: object = {}): Promise<Data> {
  const { data, errors } = await ask(query, variables)
  if (errors) throw new Error(JSON.stringify(errors))
  return data as Data
}

/** The id of the person with this access. */
export async function idOf(ask: Ask): Promise<string> {
  return (await must<{ me: { id: string } }>(ask, '{ me { id } }')).me.id
}

const ROLES = '{ roles(first: 50) { edges { node { id name } } } }'

/** One of the roles that every platform has. */
export async function roleNamed(operator: Ask, name: string): Promise<string> {
  const { roles } = await must<{ roles: { edges: { node: Role }[] } }>(operator, ROLES)
  const found = roles.edges.find(({ node }) => node.name === name)
  if (!found) throw new Error(`There is no role ${name}.`)
  return found.node.id
}

const GRANT = 'mutation ($input: GrantRoleInput!) { grantRole(input: $input) { id } }'
const REVOKE = 'mutation ($input: RevokeRoleInput!) { revokeRole(input: $input) { id } }'

/** Gives a role in a tenant. @returns how to take it back */
export async function grant(
  operator: Ask,
  input: { userId: string; roleId: string; tenantId: string },
): Promise<() => Promise<void>> {
  const { grantRole } = await must<{ grantRole: { id: string } }>(operator, GRANT, { input })
  return async () => {
    await must(operator, REVOKE, { input: { userRoleId: grantRole.id } })
  }
}
