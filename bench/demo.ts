import { EXAMPLES } from '../test/kit/examples.ts'
import { ask } from './embedded.ts'

/** An operation of the playground by its name. */
export function example(name: string): string {
  const found = EXAMPLES.find((text) => text.includes(name))
  if (!found) throw new Error(`The playground has no example ${name}.`)
  return found
}

/** The question over three subgraphs that the playground opens with. */
export const GUILD_BOARD = example('query GuildBoard')

/** A question over two subgraphs: the asker's money, and what there is to bet on. */
export const MIDDLING = example('query BettingSlip')

/** A question that costs next to nothing, with a check of who asks and one row read. */
export const CHEAP = '{ me { id } }'

type SignedIn = { signIn: { accessToken: string } }

const SIGN_IN = `mutation SignIn($email: String!, $password: String!) {
  signIn(input: { email: $email, password: $password }) { accessToken }
}`

/** The body of a sign-in request. */
export const signInBody = (variables: { email: string; password: string }): string =>
  JSON.stringify({ query: SIGN_IN, variables })

/** Signs in as the demo operator; the token lasts five minutes. */
export async function signInAsOperator(url: string): Promise<string> {
  const { signIn } = await ask<SignedIn>(url, { query: example('mutation SignIn') })
  return signIn.accessToken
}

const CREATE_USER = `mutation CreateUser($input: CreateUserInput!) {
  createUser(input: $input) { id }
}`

/** Makes accounts through the API, as an operator would; all have the same password. */
export async function createAccounts(
  url: string,
  { token, count }: { token: string; count: number },
): Promise<{ email: string; password: string }[]> {
  const accounts = Array.from({ length: count }, (_, index) => ({
    email: `bench-${index}@dbsbm.example`,
    password: 'benchmark-password',
  }))
  for (const input of accounts) {
    await ask(url, { query: CREATE_USER, variables: { input }, token })
  }
  return accounts
}
