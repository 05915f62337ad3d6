import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { OutboxRow } from '#kernel/audit/outbox-row.ts'
import {
  type MatchModel,
  parseModelFile,
  printModelFile,
} from '#subgraphs/ai/services/forecast/model-file.ts'
import { COMMITTED_MODEL } from '#subgraphs/ai/services/model-source.ts'
import { openAi, predictionsOf } from './ai-kit.ts'

const KNOWN = { home: 'Arsenal', away: 'Chelsea' }
const MODEL = 'id name version isActive isChosen beatsBaseline fileHash sampleSize card'
const MODELS = `{ aiModels { edges { node { ${MODEL} } } } modelFile { isSound trouble fileHash } }`
const committed = await readFile(COMMITTED_MODEL.file, 'utf8')

/** A model file of a test's own, gone with the test. */
async function fileOf(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'ai-model-'))
  const path = join(folder, 'model.jsonl')
  await writeFile(path, text)
  return {
    file: pathToFileURL(path),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The committed model with something else in it, honestly printed. */
async function otherModel(change: (model: MatchModel) => MatchModel) {
  const { text, sha256 } = printModelFile(change(parseModelFile(committed)))
  const own = await fileOf(text)
  return { ...own, digest: sha256 }
}

const activate = (id: string) => `mutation { activateModel(input: { id: "${id}" }) { ${MODEL} } }`
const retire = (id: string) => `mutation { retireModel(input: { id: "${id}" }) { ${MODEL} } }`

test('the committed model is registered once and active, with what was measured', async () => {
  await using world = await openAi()
  const { data, codes } = await world.ask('analyst', MODELS)
  expect(codes).toEqual([])
  expect(data.aiModels.edges).toHaveLength(1)
  const { node } = data.aiModels.edges[0]
  expect(node).toMatchObject({ name: 'match-outcome', isActive: true, beatsBaseline: true })
  expect(node.fileHash).toBe(COMMITTED_MODEL.digest)
  expect(node.card.scores.results.n).toBe(node.sampleSize)
  expect(data.modelFile).toEqual({ isSound: true, trouble: null, fileHash: node.fileHash })
  await Promise.all([world.ask('analyst', MODELS), world.ask('analyst', MODELS)])
  const audits = await world.database.acrossTenants().find(OutboxRow, {})
  expect(audits.map(({ payload }) => JSON.parse(payload).action)).toEqual(['model.register'])
})

test('refused: models without models:read', async () => {
  await using world = await openAi()
  const { data, codes } = await world.ask('spectator', MODELS)
  expect(data).toEqual({ aiModels: null, modelFile: null })
  expect(codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE', 'UNAUTHORIZED_FIELD_OR_TYPE'])
})

const ALTERED = {
  'one weight': committed.replace(
    /("home":0\.)(\d)/,
    (_all, start, digit) => `${start}${9 - digit}`,
  ),
  'one weight, and the digest it states': null,
} as const

for (const [what, text] of Object.entries(ALTERED)) {
  test(`an altered file (${what}) makes no predictions, and all else works`, async () => {
    const honest = printModelFile({ ...parseModelFile(committed), version: 'evil' }).text
    await using file = await fileOf(text ?? honest)
    await using world = await openAi({ model: { file: file.file, digest: COMMITTED_MODEL.digest } })
    const id = await world.play('one', KNOWN)
    const { all, codes, details } = await predictionsOf(world, [id])
    expect({ all, codes }).toEqual({ all: [null], codes: ['MODEL_UNAVAILABLE'] })
    expect(details).toEqual([{ reason: 'MODEL_FILE_ALTERED' }])
    const { data } = await world.ask('analyst', MODELS)
    expect(data.modelFile).toMatchObject({ isSound: false, trouble: 'MODEL_FILE_ALTERED' })
    expect(data.aiModels.edges).toEqual([])
    const other = await world.ask('ada', '{ conversations { edges { node { id } } } }')
    expect(other).toMatchObject({ codes: [], data: { conversations: { edges: [] } } })
  })
}

test('a file that is absent or no model is MODEL_FILE_INVALID', async () => {
  await using file = await fileOf('{"body": 1}')
  for (const path of [file.file, new URL('./nothing.jsonl', file.file)]) {
    await using world = await openAi({ model: { file: path, digest: COMMITTED_MODEL.digest } })
    const { data } = await world.ask('analyst', '{ modelFile { trouble } }')
    expect(data.modelFile).toEqual({ trouble: 'MODEL_FILE_INVALID' })
  }
})

test('a model below its baseline is registered, not active, and cannot be activated', async () => {
  await using model = await otherModel((one) => ({
    ...one,
    evaluation: { ...one.evaluation, beatsBaseline: false },
  }))
  await using world = await openAi({ model })
  const { data } = await world.ask('operator', MODELS)
  expect(data.aiModels.edges[0].node).toMatchObject({ isActive: false, beatsBaseline: false })
  expect((await world.ask('operator', activate('1'))).codes).toEqual(['MODEL_BELOW_BASELINE'])
  const id = await world.play('one', KNOWN)
  expect((await predictionsOf(world, [id])).codes).toEqual(['MODEL_UNAVAILABLE'])
})

test('the platform retires and activates a model; what it decided outlives a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ai-model-'))
  const databaseUrl = `sqlite:${join(folder, 'ai.db')}`
  {
    await using world = await openAi({ databaseUrl })
    const retired = await world.ask('operator', retire('1'))
    expect(retired.data.retireModel).toMatchObject({ isActive: false, isChosen: false })
  }
  await using world = await openAi({ databaseUrl })
  const id = await world.play('one', KNOWN)
  const { codes, details } = await predictionsOf(world, [id])
  expect({ codes, details }).toEqual({
    codes: ['MODEL_UNAVAILABLE'],
    details: [{ reason: 'NO_ACTIVE_MODEL' }],
  })
  const activated = await world.ask('operator', activate('1'))
  expect(activated.data.activateModel).toMatchObject({ isActive: true })
  expect((await predictionsOf(world, [id])).codes).toEqual([])
  await rm(folder, { recursive: true, force: true })
})

test('refused: activating by others than the platform, and what there is not', async () => {
  await using world = await openAi()
  expect((await world.ask('acmeAlmighty', activate('1'))).codes).toEqual(['MODELS_PLATFORM_ONLY'])
  expect((await world.ask('acmeAlmighty', retire('1'))).codes).toEqual(['MODELS_PLATFORM_ONLY'])
  expect((await world.ask('analyst', retire('1'))).codes).toEqual(['UNAUTHORIZED_FIELD_OR_TYPE'])
  for (const id of ['99', 'none']) {
    expect((await world.ask('operator', activate(id))).codes).toEqual(['MODEL_NOT_FOUND'])
  }
})
