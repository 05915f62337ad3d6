import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemRandomness } from '#kernel/ids.ts'
import { makeSecrets, newSecrets } from '../../scripts/make-secrets.ts'
import {
  type ComposeService,
  environmentOf,
  isOurs,
  parseCompose,
  parseDockerfile,
} from './compose-file.ts'

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A process, and what it has said. */
export type Running = {
  child: ChildProcess
  said: { output: string; errors: string }
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>
}

export type Command = {
  words: readonly string[]
  env: Record<string, string | undefined>
  cwd?: string
  /** What it reads from standard input. */
  input?: string
}

/** Starts a program as an image would, which has a Node of its own. */
export function start({ words: [program = '', ...words], env, cwd, input = '' }: Command): Running {
  const child = spawn(program === 'node' ? process.execPath : program, words, { env, cwd })
  const said = { output: '', errors: '' }
  child.stdout.on('data', (text) => {
    said.output += text
  })
  child.stderr.on('data', (text) => {
    said.errors += text
  })
  child.stdin.end(input)
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  return { child, said, ended }
}

/** Runs a program to its end. @returns what it said; @throws when it failed */
export async function run(command: Command): Promise<string> {
  const { ended, said } = start(command)
  const code = await ended
  if (code === 0) return said.output
  throw new Error(`${command.words.join(' ')} ended with ${code}: ${said.errors}${said.output}`)
}

/** Ports that nobody listens on. */
export async function freePorts(names: readonly string[]): Promise<Record<string, number>> {
  const servers = names.map(() => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return Object.fromEntries(names.map((name, at) => [name, ports[at] ?? 0]))
}

/** The folder of the image: what the Dockerfile copies, and the packages that are not for development. */
async function layImage(folder: string, copied: readonly string[]): Promise<void> {
  for (const path of copied) await cp(join(ROOT, path), join(folder, path), { recursive: true })
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'))
  const packages: [string, { dev?: boolean; optional?: boolean }][] = Object.entries(lock.packages)
  for (const [path, { dev, optional }] of packages) {
    if (dev || optional || path.lastIndexOf('node_modules/') !== 0) continue
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await symlink(join(ROOT, path), join(folder, path))
  }
}

/** What stands in for the containers: a folder, and a free port for whatever listens. */
export type Place = AsyncDisposable & {
  folder: string
  secrets: string
  service: (name: string) => ComposeService
  /** Names of the services that run our image and listen. */
  listening: readonly string[]
  ports: Readonly<Record<string, number>>
  /** The words of a service, with the addresses as they are here. */
  here: (name: string, words: readonly string[]) => string[]
  /** Starts what a container of ours would run. */
  startOurs: (name: string, words?: readonly string[]) => Running
}

/** Lays image, secrets and ports for docker-compose.yml as it is. */
export async function openPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'dbsbm-compose-'))
  const { services } = parseCompose(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8'))
  const { copied, environment } = parseDockerfile(await readFile(join(ROOT, 'Dockerfile'), 'utf8'))
  const names = Object.keys(services)
  const ports = await freePorts(names)
  const [app, secrets] = [join(folder, 'app'), join(folder, 'secrets')]
  await layImage(app, copied)
  const texts = [...newSecrets(systemRandomness)].map(([name, text]): [string, string] => [
    name,
    text.replace(/@([a-z]+):\d+\//, (_all, host) => `@127.0.0.1:${ports[host]}/`),
  ])
  await makeSecrets(secrets, new Map(texts))
  const service = (name: string) => services[name] ?? ({ image: '' } satisfies ComposeService)
  const here = (name: string, words: readonly string[]) =>
    words.map((word) =>
      word
        .replace(/\/\/127\.0\.0\.1:\d+/, `//127.0.0.1:${ports[name]}`)
        .replace(/\/\/([a-z]+):\d+$/, (_all, host) => `//127.0.0.1:${ports[host]}`),
    )
  const startOurs = (name: string, words: readonly string[] = service(name).command ?? []) => {
    const env = Object.entries(environmentOf(service(name), secrets))
    const mapped = env.map(([key, value]) => [key, here(name, [value])[0]])
    return start({
      words: here(name, words),
      env: { ...environment, ...Object.fromEntries(mapped), PORT: String(ports[name]) },
      cwd: app,
    })
  }
  return {
    ...{ folder, secrets, service, ports, here, startOurs },
    listening: names.filter((name) => isOurs(service(name)) && service(name).healthcheck),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
