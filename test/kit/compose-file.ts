import { join } from 'node:path'
import { parse } from 'yaml'
import { SUBGRAPH_NAMES } from '#kernel/auth/service-names.ts'
import type { ProcessRole } from '#kernel/config/required-settings.ts'

/** A service of docker-compose.yml, as far as tests look at it. */
export type ComposeService = {
  image: string
  build?: string
  user?: string
  entrypoint?: string[]
  command?: string[]
  environment?: Record<string, string>
  secrets?: string[]
  ports?: string[]
  volumes?: string[]
  tmpfs?: string[]
  networks?: string[]
  depends_on?: string[] | Record<string, { condition: string }>
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  restart?: string
  init?: boolean
  stop_grace_period?: string
  logging?: { options?: Record<string, string> }
  deploy?: { resources?: { limits?: Record<string, string | number> } }
  healthcheck?: { test: string[]; interval: string; timeout: string; retries: number }
}

/** docker-compose.yml, merged and with the values that it gives itself. */
export type ComposeFile = {
  services: Record<string, ComposeService>
  volumes: Record<string, unknown>
  networks: Record<string, { internal?: boolean }>
  secrets: Record<string, { file: string }>
}

/** Where Compose lays the secrets of a service. */
export const SECRETS_MOUNT = '/run/secrets/'

/** `${NAME:-value}` becomes `value`, `$$` a dollar: what Compose reads where nothing is set around it. */
const interpolate = (text: string) =>
  text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1').replaceAll('$$', '$')

/** Reads the text of docker-compose.yml as Compose does. */
export function parseCompose(text: string): ComposeFile {
  // The file is ours: its shape is what the tests are about to look at.
  return parse(interpolate(text), { merge: true, maxAliasCount: -1 }) as ComposeFile
}

/** True where a service runs our own image. */
export const isOurs = (service: ComposeService): boolean => service.build !== undefined

/** What a process of ours is, by the command that starts it. */
export function roleOf({ command = [] }: ComposeService): ProcessRole {
  if (command.includes('gateway/main.ts')) return 'gateway'
  return SUBGRAPH_NAMES.find((name) => command.at(-1) === name) ?? 'subgraphs'
}

/** The variables of a service whose secrets lie in `folder`. */
export function environmentOf(service: ComposeService, folder: string): Record<string, string> {
  const entries = Object.entries(service.environment ?? {}).map(([name, value]) => {
    const text = String(value)
    const isSecret = text.startsWith(SECRETS_MOUNT)
    return [name, isSecret ? join(folder, text.slice(SECRETS_MOUNT.length)) : text]
  })
  return Object.fromEntries(entries)
}

/** What the image is made of: versions of its base, copied files and folders, variables, user, command. */
export function parseDockerfile(text: string) {
  const lines = text.split('\n').filter((line) => /^[A-Z]+ /.test(line))
  const argumentsOf = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const stages = text.split(/\n(?=FROM )/).slice(1)
  const last = stages.at(-1) ?? ''
  const copied = stages.flatMap((stage) =>
    [...stage.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
      sources.split(' '),
    ),
  )
  const [, packagesFrom = ''] = /^COPY --from=(\w+) \S+\/node_modules /m.exec(last) ?? []
  const packages = stages.find((stage) => stage.split('\n')[0]?.endsWith(` AS ${packagesFrom}`))
  return {
    from: argumentsOf('FROM').map((image) => image.split(' ')[0] ?? ''),
    copied: [...new Set(copied)],
    /** The stage whose packages run. */
    packages: packages ?? '',
    environment: Object.fromEntries(argumentsOf('ENV').map((one) => one.split('='))) as Record<
      string,
      string
    >,
    user: argumentsOf('USER').at(-1) ?? '',
    command: argumentsOf('CMD').at(-1) ?? '',
    runs: argumentsOf('RUN'),
  }
}
