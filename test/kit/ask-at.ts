type Answer = { data: Record<string, unknown> | null; errors?: { extensions: { code: string } }[] }

/** Asks a gateway at its URL, as whoever a token names. @returns the data, and the codes of the errors */
export async function askAt(url: string, query: string, token?: string) {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  })
  const { data, errors = [] } = (await answer.json()) as Answer
  return { data, codes: errors.map(({ extensions }) => extensions.code) }
}

/** Signs a person in. @returns the access token */
export async function signInAt(
  url: string,
  { email, password }: { email: string; password: string },
): Promise<string> {
  const { data } = await askAt(
    url,
    `mutation { signIn(input: { email: "${email}", password: "${password}" }) { accessToken } }`,
  )
  return (data as { signIn: { accessToken: string } }).signIn.accessToken
}
