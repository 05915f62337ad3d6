import { expect, test } from 'vitest'
import { startStandaloneWorld } from '../../kit/gateway.ts'
import { readersAndBooks } from '../../kit/readers-world.ts'

test('a connection is kept longer than the balancers in front of it keep theirs', async () => {
  await using world = await startStandaloneWorld({ subgraphs: readersAndBooks().sources })
  const { headers } = await fetch(`${world.url}/health`)
  const [, seconds] = /timeout=(\d+)/.exec(headers.get('keep-alive') ?? '') ?? []
  // A balancer that takes up a connection which ends at that moment answers its client with 502.
  expect(Number(seconds)).toBeGreaterThan(60)
})
