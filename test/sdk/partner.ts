import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../arch/kit/tree.ts'

const run = promisify(execFile)
const MODULES = join(projectRoot, 'node_modules')
const TSC = join(MODULES, '.bin/tsc')

/** What lies beside the SDK in a partner's `node_modules`. */
const INSTALLED = [
  ...['graphql', 'graphql-ws', 'gql.tada', '@gql.tada', '@0no-co', '@types'],
  ...[
    '@apollo',
    'rxjs',
    'tslib',
    '@wry',
    'optimism',
    'graphql-tag',
    '@graphql-typed-document-node',
  ],
]

const FLAGS = [
  ...['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'],
  ...['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2024,dom', '--skipLibCheck'],
]

/** A package of somebody else's, beside which ours lies as it is packed. */
export type Partner = AsyncDisposable & {
  folder: string
  /** What the compiler says of programs of the partner's; empty where all pass. */
  compile: (programs: Readonly<Record<string, string>>) => Promise<string>
  /** What a program of the partner's says. */
  run: (name: string, env?: Record<string, string>) => Promise<string>
}

/** Packs the SDK and installs it at a partner, without any registry. */
export async function openPartner(): Promise<Partner> {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-partner-'))
  await install(await pack(folder), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  return {
    folder,
    async compile(programs) {
      for (const [name, text] of Object.entries(programs)) await writeFile(join(folder, name), text)
      return run(TSC, [...FLAGS, '--types', 'node', ...Object.keys(programs)], {
        cwd: folder,
      }).then(
        () => '',
        ({ stdout }) => String(stdout),
      )
    },
    async run(name, env = {}) {
      const options = { cwd: folder, env: { ...process.env, ...env } }
      return (await run(process.execPath, [name], options)).stdout
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A copy is built and packed: others may look at the project meanwhile. */
async function pack(folder: string): Promise<string> {
  const copy = join(folder, 'copy')
  await cp(join(projectRoot, 'sdk'), copy, { recursive: true })
  await rm(join(copy, 'dist'), { recursive: true, force: true })
  await symlink(MODULES, join(copy, 'node_modules'))
  await run(TSC, ['--project', 'tsconfig.json'], { cwd: copy })
  const flags = ['--ignore-scripts', '--offline', '--pack-destination', folder]
  await run('npm', ['pack', ...flags], { cwd: copy })
  return join(folder, 'dbsbm-sdk-0.1.0.tgz')
}

async function install(packed: string, modules: string): Promise<void> {
  const own = join(modules, '@dbsbm/sdk')
  await mkdir(own, { recursive: true })
  await run('tar', ['-xzf', packed, '--strip-components=1', '-C', own])
  for (const name of INSTALLED) await symlink(join(MODULES, name), join(modules, name))
}
