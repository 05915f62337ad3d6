import { LRUCache } from 'lru-cache'
import { TokenBucket } from '../demand/token-bucket.ts'

/** Connections that one network opens, however soon it closes them again. */
export type Newcomers = {
  /** False where it opens too many; what came by no socket has no network, and is not counted. */
  take: (network: string | null) => boolean
}

/** Networks that are remembered; the one that came longest ago is forgotten first. */
const NETWORKS = 10_000

/** As many at once as a network may hold, twice, and a tenth of what it may hold each second after. */
export function createNewcomers(perClient: number): Newcomers {
  const bounds = { burst: perClient * 2, perSecond: perClient / 10 }
  const buckets = new LRUCache<string, TokenBucket>({
    max: NETWORKS,
    memoMethod: () => new TokenBucket(bounds),
  })
  return { take: (network) => network === null || buckets.memo(network).take() }
}
