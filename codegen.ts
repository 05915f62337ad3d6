import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { generatedFiles } from './scripts/codegen/generated-files.ts'

export { manifestOf } from './scripts/codegen/manifest.ts'

/** Writes what operations and catalogues make, or with `--check` only says which file differs. */
async function run({ root, isCheck }: { root: string; isCheck: boolean }): Promise<void> {
  for (const [path, wanted] of await generatedFiles(root)) {
    const file = join(root, path)
    if (existsSync(file) && readFileSync(file, 'utf8') === wanted) continue
    if (!isCheck) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, wanted)
      continue
    }
    process.stderr.write(`${path} differs from what its sources make; run \`npm run fix\`.\n`)
    process.exitCode = 1
  }
}

const OPTIONS = { check: { type: 'boolean' }, root: { type: 'string' } } as const

if (import.meta.main) {
  const { check = false, root = import.meta.dirname } = parseArgs({ options: OPTIONS }).values
  await run({ root, isCheck: check })
}
