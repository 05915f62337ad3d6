import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MODEL_FILE } from '#subgraphs/ai/services/forecast/model-file.ts'
import { printCard } from '../../../../scripts/train/card.ts'
import { model, realFile } from './forecast-kit.ts'

const COMMAND = fileURLToPath(new URL('../../../../scripts/train-model.ts', import.meta.url))

const start = (...options: string[]) => spawn(process.execPath, [COMMAND, ...options])

test('--card prints the card of the committed model without any data', async () => {
  const command = start('--card')
  expect(await text(command.stdout)).toBe(printCard(model))
})

test('without its files the command says what it needs', async () => {
  const command = start('--results', 'results.parquet')
  const [said, [code]] = await Promise.all([text(command.stderr), once(command, 'exit')])
  expect(said).toContain('usage: npm run train')
  expect(code).toBe(1)
})

test('stopped in the middle it leaves the model as it was', async () => {
  const before = readFileSync(MODEL_FILE, 'utf8')
  const command = start(
    '--results',
    realFile('results_1993_2024.parquet'),
    '--odds',
    realFile('matches_0910_2324.csv.gz'),
  )
  await once(command.stderr, 'data')
  command.kill('SIGINT')
  const [code, signal] = await once(command, 'exit')
  expect([code, signal]).toEqual([null, 'SIGINT'])
  expect(readFileSync(MODEL_FILE, 'utf8')).toBe(before)
  expect(existsSync(new URL(`${MODEL_FILE.href}.half`))).toBe(false)
})
