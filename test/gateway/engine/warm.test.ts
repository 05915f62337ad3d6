import { expect, test } from 'vitest'
import { warmDocuments } from '#gateway/engine/warm-supergraph.ts'
import { zoo } from '../access/zoo.ts'
import {
  anonymous,
  federatedWorld,
  loadWorld,
  operationOf,
  silentLog,
  viewerWith,
} from './federated-world.ts'

test('known documents are planned for those who may see all and for nobody, and executed for neither', async () => {
  const world = federatedWorld(zoo)
  const loaded = await loadWorld(world)
  const source = '{ me { name email } }'
  const signal = new AbortController().signal
  await warmDocuments(loaded, [{ source }], { mostMs: 60_000, signal, log: silentLog })
  expect(loaded.plans.asked).toBe(2)
  expect(world.calls).toEqual([])
  for (const viewer of [anonymous, viewerWith('all:read')]) {
    const filtered = loaded.authorise(operationOf(source), viewer)
    expect(filtered.text.includes('email')).toBe(viewer !== anonymous)
    await loaded.plans.planOf(filtered)
  }
  expect(loaded.plans.asked).toBe(2)
  expect(loaded.hot.hottest(10)).toEqual([])
})
