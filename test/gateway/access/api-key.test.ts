import { expect, test } from 'vitest'
import { anonymousIdentity } from '#gateway/access/who/anonymous.ts'
import { createApiKeyStrategy } from '#gateway/access/who/api-key.ts'
import type { Identity } from '#gateway/access/who/identity.ts'
import { createRevocations } from '#gateway/access/who/revocations.ts'
import { defaultSettings } from '#gateway/settings.ts'
import { writeApiKey } from '#kernel/auth/api-key-format.ts'
import { systemClock } from '#kernel/clock.ts'

/** Identity, and a clock that a test moves. */
function strategy() {
  let asked = 0
  let ahead = 0
  const clock = { now: () => new Date(systemClock.now().getTime() + ahead) }
  const introspect = async (): Promise<Identity> => {
    asked += 1
    return anonymousIdentity
  }
  const keys = createApiKeyStrategy({
    ...{ introspect, clock, settings: defaultSettings.who },
    revocations: createRevocations(clock),
  })
  return {
    identify: (credential: string) => keys.identify({ credential, ip: null }),
    asked: () => asked,
    wait: (ms: number) => {
      ahead += ms
    },
  }
}

const KEY = writeApiKey({ publicId: 'k'.repeat(10), secret: 's'.repeat(32) })

test('identity is asked once for a key that comes several times in one moment', async () => {
  const { identify, asked } = strategy()
  await Promise.all([identify(KEY), identify(KEY), identify(KEY)])
  expect(asked()).toBe(1)
})

test('identity is asked once more when its word is too old, whoever notices it at once', async () => {
  const { identify, asked, wait } = strategy()
  await identify(KEY)
  wait(defaultSettings.who.keyMemoryMs)
  await Promise.all([identify(KEY), identify(KEY), identify(KEY)])
  expect(asked()).toBe(2)
})
