import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A copy of this code that is a version ahead: bets have a remark, in table, entity and schema. */
export type NewCode = AsyncDisposable & {
  root: string
  /** Brings the databases to its schema. */
  migrate: (env: Readonly<Record<string, string>>) => Promise<void>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const COPIED = ['gateway', 'kernel', 'subgraphs', 'schema', 'package.json']

const MIGRATION = `import { Migration } from '@mikro-orm/migrations'

export class Migration29991231235959 extends Migration {
  override name = 'Migration29991231235959'

  override up(): void {
    this.addSql('alter table bets add column remark varchar(100) null')
  }
}
`

type Change = { path: string; from: string; to: string }

const CHANGES: readonly Change[] = [
  {
    path: 'subgraphs/analytics/entities/bet.ts',
    from: '    id: idColumn(),',
    to: '    id: idColumn(),\n    remark: p.string().length(100).nullable(),',
  },
  {
    path: 'subgraphs/analytics/types/bet.ts',
    from: `    id: t.exposeID('id', { description: 'Its id.' }),`,
    to: `    id: t.exposeID('id', { description: 'Its id.' }),
    remark: t.exposeString('remark', { nullable: true, description: 'What is remarkable.' }),`,
  },
]

async function change(root: string, { path, from, to }: Change): Promise<void> {
  const text = await readFile(join(root, path), 'utf8')
  if (!text.includes(from)) throw new Error(`${path} no longer holds ${from}`)
  await writeFile(join(root, path), text.replace(from, to))
}

async function copyCode(root: string): Promise<void> {
  for (const path of COPIED) await cp(join(ROOT, path), join(root, path), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'))
}

const run = (root: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)(process.execPath, ['subgraphs/main.ts', ...words], {
    ...{ cwd: root, env: { PATH: process.env.PATH, ...env } },
  })

/** Writes the next version into a temporary folder, its schema composed; gone when disposed. */
export async function makeNewCode(): Promise<NewCode> {
  const root = await mkdtemp(join(tmpdir(), 'upgrade-'))
  const remove = () => rm(root, { recursive: true, force: true })
  try {
    await copyCode(root)
    for (const one of CHANGES) await change(root, one)
    const folder = join(root, 'subgraphs/analytics/migrations/mysql')
    await writeFile(join(folder, 'Migration29991231235959.ts'), MIGRATION)
    await run(root, ['compose'])
  } catch (failure) {
    await remove()
    throw failure
  }
  return {
    root,
    migrate: async (env) => void (await run(root, ['migrate'], env)),
    [Symbol.asyncDispose]: remove,
  }
}
