import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generatedPages } from '../../scripts/generate-docs.ts'
import { collectCatalogues, renderErrorsPage } from '../../scripts/pages/errors-page.ts'
import { renderOperatingPage } from '../../scripts/pages/operating-page.ts'
import { projectRoot, projectTree } from './kit/tree.ts'
import { declaredCodes } from './rules/errors.ts'

const pages = await generatedPages()

test.each([...pages.keys()])('%s is what the sources make of it', (path) => {
  expect(readFileSync(join(projectRoot, path), 'utf8')).toBe(pages.get(path))
})

test('the page of errors knows every code that a source declares', async () => {
  const shown = (await collectCatalogues()).flatMap(({ codes }) => Object.keys(codes))
  const declared = declaredCodes(projectTree()).map(({ code }) => code)
  expect(shown.sort()).toEqual(declared.sort())
})

test('a new code changes the page of errors, sorted and with its bars escaped', () => {
  const codes = { B_CODE: 'Second.', A_CODE: 'First | last.' }
  expect(renderErrorsPage([{ path: 'gateway/errors.ts', codes }])).toContain(
    '| `A_CODE` | First \\| last. |\n| `B_CODE` | Second. |\n',
  )
  expect(renderErrorsPage([])).not.toContain('A_CODE')
})

test('a new setting changes the page of operating', () => {
  const port = { name: 'PORT', expected: 'a number', doc: 'Where.', isSecret: false, flag: 'port' }
  expect(renderOperatingPage([{ ...port, fallback: '4000' }])).toContain(
    '| `PORT`, `--port` | a number | `4000` | Where. |\n',
  )
  expect(renderOperatingPage([])).not.toContain('`--port` |')
})
