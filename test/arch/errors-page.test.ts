import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { collectCatalogues, renderErrorsPage } from '../../scripts/generate-errors.ts'
import { projectRoot, projectTree } from './kit/tree.ts'
import { declaredCodes } from './rules/errors.ts'

test('docs/errors.md is what the catalogues make of it', async () => {
  const page = readFileSync(join(projectRoot, 'docs/errors.md'), 'utf8')
  expect(page).toBe(renderErrorsPage(await collectCatalogues()))
})

test('the page knows every code that a source declares', async () => {
  const catalogues = await collectCatalogues()
  const shown = catalogues.flatMap(({ codes }) => Object.keys(codes))
  expect(shown.sort()).toEqual(
    declaredCodes(projectTree())
      .map(({ code }) => code)
      .sort(),
  )
})

test('a new code changes the page, sorted and with its bars escaped', () => {
  const codes = { B_CODE: 'Second.', A_CODE: 'First | last.' }
  expect(renderErrorsPage([{ path: 'gateway/errors.ts', codes }])).toContain(
    '| `A_CODE` | First \\| last. |\n| `B_CODE` | Second. |\n',
  )
  expect(renderErrorsPage([])).not.toContain('A_CODE')
})
