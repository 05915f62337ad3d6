import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ACME_ADMIN, OPERATOR, openWorld } from './kit/identity-world.ts'

const MARKERS = {
  email: 'planted.marker.person@marker.example',
  displayName: 'Planted Marker Name',
  discordId: '775533110022446688',
  password: 'planted marker password',
}
const CLIENT = { ip: '203.0.113.177', userAgent: 'Planted-Marker-Browser/9.9' }
const STRANGER = { ip: '2001:db8:beef:cafe::177', userAgent: 'Planted-Stranger-Browser/6.6' }

test('nothing personal and no secret stands in the database files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'identity-'))
  const world = await openWorld({ url: `sqlite:${join(folder, 'identity.sqlite')}` })
  try {
    const admin = await world.as(ACME_ADMIN)
    const { data } = await world.execute(
      await world.as(OPERATOR),
      `mutation ($input: CreateUserInput!) { createUser(input: $input) { displayName email } }`,
      { input: MARKERS },
    )
    expect(data.createUser).toEqual({ displayName: MARKERS.displayName, email: MARKERS.email })
    const { email, password } = MARKERS
    const { tokens } = await world.signIn({ email, password }, CLIENT)
    await world.signIn({ email, password: 'a wrong password' }, STRANGER)
    await world.signIn({ email: 'nobody.at.all@marker.example', password }, STRANGER)
    const refreshed = await world.refresh(tokens?.refreshToken ?? '')
    const key = await world.execute(
      admin,
      `mutation { createApiKey(input: { name: "k", scopes: ["odds:read"] }) { text } }`,
    )
    const { text } = key.data.createApiKey as { text: string }
    const secrets = [
      ...Object.values(MARKERS),
      ...Object.values(CLIENT),
      ...Object.values(STRANGER),
      '2001:db8:beef:cafe::/64',
      '2001:db8:beef:cafe',
      'Ada Acme',
      'admin@acme.example',
      tokens?.refreshToken.split('.').at(-1) ?? '',
      refreshed.tokens?.refreshToken.split('.').at(-1) ?? '',
      text.split('_')[3] ?? '',
      tokens?.accessToken.split('.').at(-1) ?? '',
    ]
    const files = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')),
    )
    expect(files.length).toBeGreaterThan(1)
    expect(files.join('').length).toBeGreaterThan(100_000)
    // What is not personal is found: the search itself works.
    expect(files.some((file) => file.includes('sign-in.succeeded'))).toBe(true)
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(7)
      expect(files.filter((file) => file.includes(secret))).toHaveLength(0)
    }
  } finally {
    await world[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  }
})

test('a seed that runs twice makes the demo world once', async () => {
  await using world = await openWorld()
  const again = await world.service.seed()
  expect(again.lines).toHaveLength(6)
  const { data } = await world.execute(
    await world.as({ email: 'operator@dbsbm.example', password: 'demo-operator' }),
    `{ users { edges { node { id } } } roles { edges { node { name } } } }`,
  )
  expect((data.users as { edges: unknown[] }).edges).toHaveLength(6)
  expect((data.roles as { edges: unknown[] }).edges).toHaveLength(5)
})
