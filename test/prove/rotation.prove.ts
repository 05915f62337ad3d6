import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ACME_ANALYST, openWorld, type World } from '../subgraphs/identity/kit/identity-world.ts'
import { openMariadbWorld } from '../subgraphs/identity/kit/mariadb-world.ts'
import { proveRotation, type RotationProof } from '../subgraphs/identity/kit/rotation-schedules.ts'
import { writeProof } from './write-proof.ts'

const SCHEDULES = 10_000
const SEED = 20_261_122

async function proveOn(engine: string, world: World) {
  const { tokens } = await world.signIn(ACME_ANALYST)
  const started = performance.now()
  const userId = tokens?.userId ?? ''
  const proof = await proveRotation(world, { userId, schedules: SCHEDULES, seed: SEED })
  const seconds = Math.round((performance.now() - started) / 1_000)
  return { engine, proof, seconds }
}

const toRow = ({ engine, proof, seconds }: Awaited<ReturnType<typeof proveOn>>) => ({
  engine,
  schedules: proof.schedules,
  refreshes: proof.refreshes,
  'with a thief': proof.thefts,
  'false sign-outs': proof.falseSignOuts,
  'undetected reuse': proof.undetectedReuses,
  seconds,
})

const GOOD: Partial<RotationProof> = {
  schedules: SCHEDULES,
  falseSignOuts: 0,
  undetectedReuses: 0,
}

test('10,000 schedules of tabs, losses and thieves on both engines', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-rotation-'))
  await using sqlite = await openWorld({ url: `sqlite:${join(folder, 'identity.sqlite')}` })
  await using mariadb = await openMariadbWorld()
  const found = [await proveOn('SQLite', sqlite), await proveOn('MariaDB', mariadb)]
  await rm(folder, { recursive: true, force: true })
  await writeProof({
    name: 'rotation',
    title: 'Refresh rotation under tabs, losses and thieves',
    what: `Random schedules (seed ${SEED}) of one session each: tabs that refresh one after the other or at once, answers that never arrive and are asked for again within the grace of 10 s, a thief who copies a token and uses it. Nobody honest may be signed out; once thief and owner have both come back, the session must have ended. Through identity's own door, with a clock that is moved.`,
    rows: found.map(toRow),
  })
  for (const { proof } of found) {
    expect(proof).toMatchObject(GOOD)
    expect(proof.thefts).toBeGreaterThan(SCHEDULES / 10)
  }
})
