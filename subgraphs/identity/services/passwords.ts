import { type Argon2Parameters, argon2, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import type { Randomness } from '#kernel/ids.ts'
import { identityError } from '../errors.ts'

const SHORTEST = 10
const LONGEST = 256
/** OWASP's second profile of Argon2id (RFC 9106): 19 MiB, two passes, one lane; 44 ms of one core. */
const MEMORY_KIBIBYTES = 19_456
const PASSES = 2
const LANES = 1
const TAG_BYTES = 32
const SALT_BYTES = 16
const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{16,86})$/

/**
 * Hashes at once: one core stays free for the event loop, so that a crowd of sign-ins slows nobody
 * else, and of the pool's four threads two stay free for files and name look-ups.
 */
const AT_ONCE = Math.max(1, Math.min(2, availableParallelism() - 1))
const MOST_WAITING = 200

type Hashed = Pick<Argon2Parameters, 'memory' | 'passes' | 'parallelism' | 'tagLength'> & {
  nonce: Buffer
}

const derive = promisify(argon2)

/** Work in turns, so that a crowd of sign-ins leaves threads to everybody else. */
function createTurns(mostWaiting: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= AT_ONCE) {
      if (waiting.length >= mostWaiting) throw identityError('PASSWORDS_BUSY')
      await new Promise<void>((grant) => waiting.push(grant))
    } else {
      running += 1
    }
    try {
      return await work()
    } finally {
      // The turn passes on without being given back, so that nobody can slip in between.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}

/** Called when the turn of a password has come; what it throws refuses it. */
type Check = () => void | Promise<void>

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

function toPhc({ memory, passes, parallelism, nonce }: Hashed, tag: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`
}

function fromPhc(text: string): { hashed: Hashed; tag: Buffer } | null {
  const [, memory, passes, parallelism, salt, hash] = PHC.exec(text) ?? []
  if (!salt || !hash) return null
  const tag = Buffer.from(hash, 'base64')
  return {
    tag,
    hashed: {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      tagLength: tag.length,
      nonce: Buffer.from(salt, 'base64'),
    },
  }
}

/** @throws PASSWORD_WEAK */
export function requireGoodPassword(password: string): void {
  if (password.length < SHORTEST || password.length > LONGEST) throw identityError('PASSWORD_WEAK')
}

export type Passwords = ReturnType<typeof createPasswords>

/** Argon2id off the event loop, as PHC strings. */
export function createPasswords({
  randomness,
  mostWaiting = MOST_WAITING,
}: {
  randomness: Randomness
  mostWaiting?: number
}) {
  const inTurn = createTurns(mostWaiting)
  const newParameters = (): Hashed => ({
    memory: MEMORY_KIBIBYTES,
    passes: PASSES,
    parallelism: LANES,
    tagLength: TAG_BYTES,
    nonce: randomness.bytes(SALT_BYTES),
  })
  /** No password gives this tag: whoever is unknown costs the same and never gets in. */
  const nobody = toPhc(newParameters(), randomness.bytes(TAG_BYTES))
  const run = (password: string, hashed: Hashed, check: Check = () => undefined) =>
    inTurn(async () => {
      await check()
      return derive('argon2id', { ...hashed, message: password.normalize('NFKC') })
    })
  return {
    /** @throws PASSWORD_WEAK, PASSWORDS_BUSY */
    hash: async (password: string): Promise<string> => {
      requireGoodPassword(password)
      const parameters = newParameters()
      return toPhc(parameters, await run(password, parameters))
    },
    /**
     * The same work whether there is a password or not. @throws PASSWORDS_BUSY and what `check` throws
     */
    verify: async (
      phc: string | null,
      password: string,
      check: Check = () => undefined,
    ): Promise<boolean> => {
      if (password.length > LONGEST) return false
      const known = fromPhc(phc ?? nobody)
      if (!known) throw new Error('A stored password is no PHC string of Argon2id.')
      const tag = await run(password, known.hashed, check)
      return tag.length === known.tag.length && timingSafeEqual(tag, known.tag) && phc !== null
    },
  }
}
