import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SETTINGS } from '#kernel/config/settings.ts'
import { collectAuditActions, renderAuditActionsPage } from './pages/audit-actions-page.ts'
import { collectCatalogues, renderErrorsPage } from './pages/errors-page.ts'
import { type DescribedSetting, renderOperatingPage } from './pages/operating-page.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Every generated page: its path and the text that the sources make of it. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/audit-actions.md', renderAuditActionsPage(await collectAuditActions())],
    ['docs/errors.md', renderErrorsPage(await collectCatalogues())],
    ['docs/operating.md', renderOperatingPage(describedSettings())],
  ])
}

function describedSettings(): DescribedSetting[] {
  return Object.entries(SETTINGS).map(([name, { parser, ...setting }]) => ({
    ...setting,
    name,
    expected: parser.expected,
  }))
}

/** Writes the pages, or with `--check` only says which of them differ. */
async function run(isCheck: boolean): Promise<void> {
  for (const [path, wanted] of await generatedPages()) {
    const file = join(root, path)
    if (existsSync(file) && readFileSync(file, 'utf8') === wanted) continue
    if (!isCheck) {
      writeFileSync(file, wanted)
      continue
    }
    process.stderr.write(`${path} differs from what the sources make of it; run \`npm run fix\`.\n`)
    process.exitCode = 1
  }
}

if (import.meta.main) await run(process.argv.includes('--check'))
