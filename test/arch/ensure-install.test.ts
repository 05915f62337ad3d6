import { describe, expect, test } from 'vitest'
import { fingerprint, isInLine } from '../../scripts/ensure-install.mjs'

const manifest = JSON.stringify({ dependencies: { pino: '10.4.0' } })
const root = { dependencies: { pino: '10.4.0' } }
const lock = (packages: object) => JSON.stringify({ packages: { '': root, ...packages } })
const pino = { 'node_modules/pino': { version: '10.4.0' } }
const binary = { 'node_modules/tool-win32': { version: '1.0.0', optional: true } }

describe('what is installed is in line with the lockfile', () => {
  test('when npm recorded the same versions', () => {
    expect(isInLine(manifest, lock(pino), lock(pino))).toBe(true)
  })

  test('when only another platform’s binary is missing', () => {
    expect(isInLine(manifest, lock({ ...pino, ...binary }), lock(pino))).toBe(true)
  })
})

describe('what is installed is not in line with the lockfile', () => {
  test('when nothing is installed', () => {
    expect(isInLine(manifest, lock(pino), '')).toBe(false)
  })

  test('when a version differs', () => {
    const older = lock({ 'node_modules/pino': { version: '9.0.0' } })
    expect(isInLine(manifest, lock(pino), older)).toBe(false)
  })

  test('when a package is missing', () => {
    expect(isInLine(manifest, lock(pino), lock({}))).toBe(false)
  })

  test('when package.json asks for what the lockfile does not hold', () => {
    const asks = JSON.stringify({ dependencies: { pino: '10.4.0', ws: '8.23.0' } })
    expect(isInLine(asks, lock(pino), lock(pino))).toBe(false)
  })
})

test('the fingerprint changes with either file', () => {
  const same = fingerprint('a', 'b')
  expect(fingerprint('a', 'b')).toBe(same)
  expect(fingerprint('a', 'c')).not.toBe(same)
  expect(fingerprint('ab', '')).not.toBe(same)
})
