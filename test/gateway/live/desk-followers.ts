import { readerOf } from '#gateway/live/reader-stream.ts'
import type { Viewer } from '#kernel/auth/viewer.ts'
import { federatedWorld, type Loaded, loadWorld, viewerWith } from '../engine/federated-world.ts'
import { createFollowers, type FollowOptions, type ROOMY } from '../engine/follow.ts'
import { desk, type Producer, underWay } from './desk.ts'

export const loaded: Loaded = await loadWorld(federatedWorld({ desk }))

export const MOVED = 'subscription { moved { id odds } }'
export const GUARDED = 'subscription { guarded { odds by } }'

type Seen = {
  data: Record<string, Record<string, unknown>>
  extensions?: Record<string, unknown>
  errors?: { extensions: { code: string } }[]
}

/** A subscriber that reads all it can, and keeps it. */
export function createDesk(from: Producer, bounds: Partial<typeof ROOMY> = {}) {
  const { follow, opened } = createFollowers(loaded, bounds)
  return {
    opened,
    subscribe(query: string, more: Partial<FollowOptions> = {}) {
      const following = underWay(follow({ query, stream: from.stream, ...more }))
      const seen: Seen[] = []
      const state = { isEnded: false, isPaused: false }
      const resumed: (() => void)[] = []
      const read = async () => {
        for await (const result of await following) {
          seen.push(JSON.parse(JSON.stringify(result)))
          if (state.isPaused) await new Promise<void>((resolve) => resumed.push(resolve))
        }
        state.isEnded = true
      }
      const reading = read()
      return {
        seen,
        state,
        reading,
        odds: () => seen.flatMap(({ data }) => Object.values(data ?? {}).map(({ odds }) => odds)),
        codes: () =>
          seen.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code)),
        go: () => {
          state.isPaused = false
          for (const resume of resumed.splice(0)) resume()
        },
        leave: async () => (await following).return(undefined as never),
        following,
        /** The stream that it reads. */
        shared: async () => readerOf(await following)?.stream,
      }
    },
  }
}

export const user = (userId: string, more: Partial<Viewer> = {}): Viewer => ({
  ...viewerWith('odds:read'),
  ...{ userId, sessionId: `s${userId}`, requestId: `r${userId}` },
  ...more,
})
