import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SOURCE = new URL('../../shared/bench/', import.meta.url).pathname
/** Kept between runs: its installation takes a minute. */
const WORKPLACE = join(tmpdir(), 'dbsbm-bench-peers')

/** Where the public benchmarks stand with the peers installed, or why they do not. */
export type Peers = { federation: string; live: string } | { missing: string }

/** Copies the benchmarks that are shared between projects, and installs the peers they name. */
export function preparePeers(): Peers {
  if (!existsSync(SOURCE)) return { missing: `${SOURCE} is not there` }
  const federation = join(WORKPLACE, 'federation')
  const live = join(WORKPLACE, 'live')
  if (existsSync(join(live, 'node_modules'))) return { federation, live }
  mkdirSync(WORKPLACE, { recursive: true })
  cpSync(SOURCE, WORKPLACE, { recursive: true })
  spawnSync('chmod', ['-R', 'u+w', WORKPLACE])
  const options = ['install', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', options, { cwd: federation, stdio: 'inherit' })
  if (status !== 0) return { missing: 'npm install of the peers failed' }
  symlinkSync(join(federation, 'node_modules'), join(live, 'node_modules'))
  return { federation, live }
}

/** The command line of our gateway on a supergraph, for a shell; it becomes the server process. */
export const OUR_COMMAND = `exec ${process.execPath} ${
  new URL('../gateway/main.ts', import.meta.url).pathname
} --supergraph $SUPERGRAPH --port $PORT`

/** Runs a program to its end and gives the JSON lines that it printed. */
export async function runForRows<Row>(
  args: readonly string[],
  cwd: string,
): Promise<readonly Row[]> {
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Row)
}
