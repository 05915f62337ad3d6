import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { generatedFiles, staleFiles } from './scripts/codegen/generated-files.ts'

export { manifestOf } from './scripts/codegen/manifest.ts'

/** Writes what operations and catalogues make, or with `--check` only says which file differs. */
async function run({ root, isCheck }: { root: string; isCheck: boolean }): Promise<void> {
  const files = await generatedFiles(root)
  for (const path of staleFiles(root, files)) {
    const file = join(root, path)
    if (!isCheck) {
      put(file, files.get(path))
      continue
    }
    process.stderr.write(`${path} differs from what its sources make; run \`npm run fix\`.\n`)
    process.exitCode = 1
  }
}

function put(file: string, text: string | undefined): void {
  if (text === undefined) {
    rmSync(file)
    return
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

const OPTIONS = { check: { type: 'boolean' }, root: { type: 'string' } } as const

if (import.meta.main) {
  const { check = false, root = import.meta.dirname } = parseArgs({ options: OPTIONS }).values
  await run({ root, isCheck: check })
}
