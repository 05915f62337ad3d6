import { access, readFile, writeFile } from 'node:fs/promises'
import { SUBGRAPH_NAMES } from '#kernel/auth/service-names.ts'
import { systemClock } from '#kernel/clock.ts'
import { type Config, defaultPort, readProcessConfig } from '#kernel/config.ts'
import { loadOperatorKeys } from '#kernel/crypto/operator-key-file.ts'
import { createMigration } from '#kernel/db/migrations.ts'
import { renewEpochs } from '#kernel/events/renew-epochs.ts'
import { composeSupergraph, printSubgraph } from '#kernel/graphql/compose.ts'
import { systemRandomness } from '#kernel/ids.ts'
import { createLog } from '#kernel/log.ts'
import type { Service } from '#kernel/serve/open-service.ts'
import { openPlatform, type Platform, requireDemoMode } from '#kernel/serve/platform.ts'
import { rotateOperatorKey } from '#kernel/serve/rotate-operator-key.ts'
import { runProcess } from '#kernel/serve/run-process.ts'
import { serveSubgraphs } from '#kernel/serve/serve-subgraphs.ts'
import type { Subgraph } from '#kernel/service/subgraph.ts'
import { ai } from './ai/subgraph.ts'
import { analytics } from './analytics/subgraph.ts'
import { auditHeadsFile, compliance, verifyAudit } from './compliance/subgraph.ts'
import { identity } from './identity/subgraph.ts'
import { tenancy } from './tenancy/subgraph.ts'

const SUBGRAPHS: readonly Subgraph[] = [identity, tenancy, ai, compliance, analytics]
const SCHEMA_FOLDER = new URL('../schema/', import.meta.url)
const USAGE = `usage: node subgraphs/main.ts serve [NAME] | migrate [NAME] | seed | compose [--check] | create-migration NAME | renew-epochs [NAME] | rotate-operator-key [--rewrap-only] | verify-audit [--chain=CHAIN] [--heads=FILE]
NAME is one of ${SUBGRAPHS.map(({ name }) => name).join(', ')}; without it, all of them`

type Command = (subgraphs: readonly Subgraph[], flags: readonly string[]) => Promise<void>

const say = (text: string) => process.stdout.write(`${text}\n`)

function configOf(subgraphs: readonly Subgraph[]): Config {
  const [only] = subgraphs
  const role = subgraphs.length === 1 && only ? only.name : 'subgraphs'
  return readProcessConfig([], role)
}

function open(config: Config, subgraphs: readonly Subgraph[]): Promise<Platform> {
  const log = createLog({ level: config.logLevel, name: 'subgraphs' })
  return openPlatform({ config, subgraphs, log, clock: systemClock, randomness: systemRandomness })
}

const serve: Command = async (subgraphs) => {
  const config = configOf(subgraphs)
  await serveSubgraphs({
    ...{ config, subgraphs, say, stopped: runProcess.untilStopped() },
    log: createLog({ level: config.logLevel, name: 'subgraphs' }),
    clock: systemClock,
    randomness: systemRandomness,
  })
}

const migrateAll: Command = async (subgraphs) => {
  const platform = await open(configOf(subgraphs), subgraphs)
  for (const { name } of platform.services) say(`${name}: at the newest schema`)
  await platform.stop(0)
}

const seed: Command = async (subgraphs) => {
  const config = configOf(subgraphs)
  requireDemoMode(config)
  const platform = await open(config, subgraphs)
  const { lines } = await platform.seed()
  for (const line of lines) say(line)
  await platform.stop(0)
}

/** The files of `schema/`, as the code says they should be. */
function schemaFiles(): Map<string, string> {
  const printed = SUBGRAPHS.map(({ name, schema }) => ({
    name,
    url: `http://127.0.0.1:${defaultPort(name)}/graphql`,
    sdl: printSubgraph(schema),
  }))
  const files = new Map(printed.map(({ name, sdl }) => [`${name}.graphql`, sdl]))
  return files.set('supergraph.graphql', composeSupergraph(printed))
}

const compose: Command = async (_subgraphs, flags) => {
  const isCheck = flags.includes('--check')
  const stale: string[] = []
  for (const [file, text] of schemaFiles()) {
    const path = new URL(file, SCHEMA_FOLDER)
    const present = await readFile(path, 'utf8').catch(() => '')
    if (present === text) continue
    stale.push(file)
    if (!isCheck) await writeFile(path, text)
  }
  say(stale.length === 0 ? 'schema/ is up to date' : `schema/: ${stale.join(', ')} differ`)
  if (isCheck && stale.length > 0) process.exitCode = 1
}

const writeMigration: Command = async (subgraphs) => {
  if (subgraphs.length !== 1) throw new Error(USAGE)
  const platform = await open(configOf(subgraphs), subgraphs)
  for (const { name, database } of platform.services) {
    say(`${name}: ${(await createMigration(database)) ?? 'nothing to migrate'}`)
  }
  await platform.stop(0)
}

/** For databases that were restored. */
const renewAllEpochs: Command = async (subgraphs) => {
  const platform = await open(configOf(subgraphs), subgraphs)
  for (const { name, database } of platform.services) {
    const count = await renewEpochs(database, systemRandomness)
    say(`${name}: ${count} topics in a new epoch, cursors from before have expired`)
  }
  await platform.stop(0)
}

const rotateKey: Command = async (subgraphs, flags) => {
  const config = configOf(subgraphs)
  const stop = new AbortController()
  void runProcess.untilStopped().then(() => stop.abort())
  await rotateOperatorKey({
    config,
    randomness: systemRandomness,
    open: () => open(config, subgraphs),
    isRewrapOnly: flags.includes('--rewrap-only'),
    say,
    signal: stop.signal,
  })
}

/** A database file that is not there: a look at a log must not make an empty one. */
async function missingFile(url: string | null): Promise<string | null> {
  const path = /^sqlite:(.+)/.exec(url ?? '')?.[1]
  if (path === undefined) return null
  return access(path).then(
    () => null,
    () => path,
  )
}

/** Compliance alone, its background work not started: exit code 1 when something was altered. */
const verifyAuditLog: Command = async (_subgraphs, flags) => {
  const config = configOf([compliance])
  const missing = await missingFile(config.databaseUrls.compliance)
  if (missing !== null) throw new Error(`there is no audit log at ${missing}`)
  if (!config.operatorKey) throw new Error(USAGE)
  const given = (name: string) =>
    flags.find((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1) || null
  const [chain, heads] = [given('--chain'), given('--heads')]
  if (flags.length !== [chain, heads].filter(Boolean).length) throw new Error(USAGE)
  const operatorKeys = await loadOperatorKeys(config.operatorKey, systemRandomness)
  const stop = new AbortController()
  void runProcess.untilStopped().then(() => stop.abort())
  const platform = await open(config, [compliance])
  try {
    const { database } = platform.services[0] as Service
    const { signal } = stop
    const path = heads ?? auditHeadsFile(database)
    const { findings } = await verifyAudit({
      ...{ database, operatorKeys, chain, say, signal },
      heads: path === null ? null : { path, clock: systemClock },
    })
    if (findings > 0) process.exitCode = 1
  } finally {
    await platform.stop(0)
  }
}

const COMMANDS: Readonly<Record<string, Command>> = {
  serve,
  migrate: migrateAll,
  seed,
  compose,
  'create-migration': writeMigration,
  'renew-epochs': renewAllEpochs,
  'rotate-operator-key': rotateKey,
  'verify-audit': verifyAuditLog,
}

function chosen(name: string | undefined): readonly Subgraph[] {
  if (name === undefined) return SUBGRAPHS
  const found = SUBGRAPHS.filter((subgraph) => subgraph.name === name)
  if (found.length === 0) {
    const awaited = SUBGRAPH_NAMES.some((known) => known === name)
    throw new Error(awaited ? `subgraph ${name} is not built yet` : USAGE)
  }
  return found
}

const VALUED = new Set(['--chain', '--heads'])
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  compose: ['--check'],
  'rotate-operator-key': ['--rewrap-only'],
  'verify-audit': [...VALUED],
}

/** A word that is mistyped must not be passed over: without it a command does something else. */
function checkWords(command: string, flags: readonly string[], names: readonly string[]): void {
  const known = FLAGS[command] ?? []
  const isKnown = flags.every((flag) => known.includes(flag.split('=')[0] ?? ''))
  if (!isKnown || names.length > 1) throw new Error(USAGE)
}

await runProcess(async (argv) => {
  const [commandName = '', ...rest] = argv
  const command = COMMANDS[commandName]
  if (!command) throw new Error(USAGE)
  // `--chain tenant:1` is `--chain=tenant:1`.
  const words = rest.flatMap((word, at) => {
    if (VALUED.has(rest[at - 1] ?? '')) return []
    return VALUED.has(word) ? [`${word}=${rest[at + 1] ?? ''}`] : [word]
  })
  const flags = words.filter((word) => word.startsWith('--'))
  const names = words.filter((word) => !word.startsWith('--'))
  checkWords(commandName, flags, names)
  await command(chosen(names[0]), flags)
})
