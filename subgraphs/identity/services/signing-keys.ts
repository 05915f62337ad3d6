import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { LockMode } from '@mikro-orm/core'
import type { Clock } from '#kernel/clock.ts'
import type { OperatorKeys } from '#kernel/crypto/operator-key.ts'
import type { RewrapProgress } from '#kernel/crypto/rewrap.ts'
import { sealText, unsealText } from '#kernel/crypto/sealed-box.ts'
import { updateWhere } from '#kernel/db/conditional-writes.ts'
import { type Database, transactional } from '#kernel/db/database.ts'
import { newId, type Randomness } from '#kernel/ids.ts'
import { SigningKey } from '../entities/signing-key.ts'

/** How long a key signs before a new one takes over. */
const SIGNS_MILLISECONDS = 30 * 86_400_000
/** How long a new key is published before it signs, and an old one after. */
const OVERLAP_MILLISECONDS = 15 * 60_000
/** How long this process believes what it read. */
const REMEMBERED_MILLISECONDS = 60_000
const MOST_KEYS = 10

export type Signer = { kid: string; privateKey: KeyObject }
type PublicJwk = { kty: 'OKP'; crv: 'Ed25519'; x: string; kid: string; alg: 'EdDSA'; use: 'sig' }

export type SigningKeysDeps = {
  database: Database
  operatorKeys: OperatorKeys
  clock: Clock
  randomness: Randomness
}

export type SigningKeys = ReturnType<typeof createSigningKeys>

const sealOf = (key: Buffer, kid: string) => ({
  format: 's1',
  key,
  associated: `dbsbm:signing-key:${kid}`,
})

function newPair({ operatorKeys: { newest }, randomness }: SigningKeysDeps) {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const kid = newId(randomness)
  const secret = Buffer.from(jwk.d ?? '', 'utf8')
  return {
    kid,
    publicKey: jwk.x ?? '',
    privateKey: sealText(sealOf(newest.key, kid), secret, randomness),
    keyVersion: newest.version,
  }
}

const secretOf = ({ operatorKeys }: SigningKeysDeps, row: SigningKey): Buffer | null =>
  unsealText(sealOf(operatorKeys.byVersion(row.keyVersion).key, row.kid), row.privateKey)

async function resealOne(deps: SigningKeysDeps, row: SigningKey): Promise<'rewrapped' | 'failed'> {
  const { database, operatorKeys, randomness } = deps
  if (!operatorKeys.versions.includes(row.keyVersion)) return 'failed'
  const secret = secretOf(deps, row)
  if (!secret) return 'failed'
  const { version: keyVersion, key } = operatorKeys.newest
  const privateKey = sealText(sealOf(key, row.kid), secret, randomness)
  await updateWhere(database.acrossTenants(), SigningKey, {
    where: { id: row.id, keyVersion: row.keyVersion },
    set: { privateKey, keyVersion },
  })
  return 'rewrapped'
}

function toSigner(deps: SigningKeysDeps, row: SigningKey): Signer {
  const secret = secretOf(deps, row)
  if (!secret) throw new Error(`Signing key ${row.kid} does not open under the operator's key.`)
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: row.publicKey, d: secret.toString('utf8') }
  return { kid: row.kid, privateKey: createPrivateKey({ key: jwk, format: 'jwk' }) }
}

const toPublicJwk = ({ kid, publicKey }: SigningKey): PublicJwk => ({
  kty: 'OKP',
  crv: 'Ed25519',
  x: publicKey,
  kid,
  alg: 'EdDSA',
  use: 'sig',
})

const NEWEST_FIRST = { orderBy: { signsFrom: 'desc', id: 'desc' } } as const

type Known = { rows: SigningKey[]; signer: Signer; readAt: number }

/** The newest key that signs already; the first one signs at once, though the clock of its maker be ahead. */
const signingAt = (rows: readonly SigningKey[], now: number) =>
  rows.find(({ signsFrom }) => signsFrom.getTime() <= now) ?? rows.at(-1)

/** When the next key is to sign; null while none is due. */
function nextFrom(newest: SigningKey | undefined, now: number): Date | null {
  if (!newest) return new Date(now)
  const isDue = now - newest.signsFrom.getTime() >= SIGNS_MILLISECONDS
  return isDue ? new Date(now + OVERLAP_MILLISECONDS) : null
}

/** Ed25519 keys of access tokens (RFC 8037): made when first needed, replaced every thirty days. */
export function createSigningKeys(deps: SigningKeysDeps) {
  const { database, clock } = deps
  let known: Promise<Known> | null = null

  const readRows = () =>
    database.acrossTenants().find(SigningKey, {}, { ...NEWEST_FIRST, limit: MOST_KEYS })

  /**
   * Adds the next key if it is due as the newest stands, locked until commit: of several processes one makes it, and
   * none signs with a key that the others do not publish. Where there is no key yet nothing can be locked: two both
   * look at the gap, one of their inserts is a deadlock, and its second look finds the other's key.
   */
  const addIfDue = (): Promise<boolean> =>
    transactional(database.acrossTenants(), async (tx) => {
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE } as const
      const [newest] = await tx.find(SigningKey, {}, { ...NEWEST_FIRST, ...lock, limit: 1 })
      const now = clock.now()
      const signsFrom = nextFrom(newest, now.getTime())
      if (!signsFrom) return false
      tx.persist(tx.create(SigningKey, { ...newPair(deps), createdAt: now, signsFrom }))
      await tx.flush()
      return true
    })

  const read = async (): Promise<Known> => {
    const now = clock.now().getTime()
    let rows = await readRows()
    if (rows.length === 0) {
      await addIfDue()
      rows = await readRows()
    }
    const row = signingAt(rows, now)
    if (!row) throw new Error('There is no signing key although one was made.')
    return { rows, signer: toSigner(deps, row), readAt: now }
  }

  const recall = async (): Promise<Known> => {
    const standing = known && (await known)
    const isFresh = standing && clock.now().getTime() - standing.readAt < REMEMBERED_MILLISECONDS
    if (isFresh) return standing
    const reading = read()
    known = reading
    reading.catch(() => {
      known = null
    })
    return reading
  }

  const below = (version: number) => ({ keyVersion: { $lt: version } })

  return {
    /** Seals every private key under the newest operator key. */
    rewrap: async (): Promise<RewrapProgress> => {
      const { newest } = deps.operatorKeys
      const rows = await database.acrossTenants().find(SigningKey, below(newest.version))
      const count = { rewrapped: 0, failed: 0 }
      for (const row of rows) count[await resealOne(deps, row)] += 1
      const remaining = await database.acrossTenants().count(SigningKey, below(newest.version))
      return { ...count, remaining }
    },

    /** The key that signs now. */
    signer: async (): Promise<Signer> => (await recall()).signer,

    /** The JWK set (RFC 7517): what signs, what will, and what signed a quarter of an hour ago. */
    publicKeys: async (): Promise<{ keys: PublicJwk[] }> => {
      const { rows } = await recall()
      const past = clock.now().getTime() - OVERLAP_MILLISECONDS
      const oldest = rows.indexOf(signingAt(rows, past) as SigningKey)
      return { keys: rows.slice(0, oldest + 1).map(toPublicJwk) }
    },

    /** Makes the next key when the newest has signed for thirty days. @returns whether it did */
    rotateIfDue: async (): Promise<boolean> => {
      if (!(await addIfDue())) return false
      known = null
      return true
    },
  }
}
