import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { nearestName } from './nearest-name.ts'
import {
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
  type SettingValues,
} from './settings.ts'

/** The variables of a process, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Takes one complete sentence about a wrong setting. */
export type Report = (problem: string) => void

/** Values as read; which of the others are missing is judged elsewhere. */
export type CollectedSettings = {
  values: Partial<SettingValues>
  /** Given, but refused: not to be called missing as well. */
  refused: ReadonlySet<SettingName>
}

const OWN_PREFIX =
  /^(?:DBSBM_|GATEWAY_|ODDS_|SUBGRAPH_URL_|DATABASE_(?:URL_|POOL_|TIMEOUT_)|REDIS_PREFIX|FIRST_OPERATOR_|OPERATOR_KEY|SERVICE_SECRET)/
/** Names that steer the test run, not the product. */
const TEST_PREFIX = 'DBSBM_TEST_'
const MAX_FILE_CHARACTERS = 65_536
const MAX_QUOTED = 60

const rowOf = (name: SettingName): Setting => SETTINGS[name]

const SECRET_FILE_NAMES = new Set(
  SETTING_NAMES.filter((name) => rowOf(name).isSecret).map((name) => `${name}_FILE`),
)

const NAME_BY_FLAG: ReadonlyMap<string, SettingName> = new Map(
  SETTING_NAMES.flatMap((name) => {
    const { flag } = rowOf(name)
    return flag ? [[flag, name] as const] : []
  }),
)

const suggestion = (name: string, known: Iterable<string>) => {
  const nearest = nearestName(name, known)
  return nearest ? `; did you mean ${nearest}?` : '.'
}

function reportUnknownNames(env: Environment, report: Report): void {
  const known = [...SETTING_NAMES, ...SECRET_FILE_NAMES]
  for (const name of Object.keys(env).sort()) {
    if (!OWN_PREFIX.test(name) || name.startsWith(TEST_PREFIX) || known.includes(name)) continue
    report(`${name} is not a setting${suggestion(name, known)}`)
  }
}

function readSecretFile(name: string, path: string, report: Report): string | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    if (text.length <= MAX_FILE_CHARACTERS) return text.trim()
    report(`${name} names a file that is too long for a secret.`)
  } catch (failure) {
    const reason = failure instanceof Error && 'code' in failure ? String(failure.code) : 'unknown'
    report(`${name} is ${JSON.stringify(path)}; expected a file that can be read (${reason}).`)
  }
  return undefined
}

/** Stands for the text of a secret file that was already reported. */
const UNREADABLE = Symbol('unreadable')

function textOf(name: SettingName, env: Environment, report: Report) {
  const direct = env[name]?.trim() || undefined
  const fileName = `${name}_FILE`
  const path = rowOf(name).isSecret ? env[fileName] : undefined
  if (!path) return direct
  if (direct !== undefined) report(`${name} and ${fileName} are both given; expected one of them.`)
  return readSecretFile(fileName, path, report) ?? UNREADABLE
}

/** The setting's name and value as a refusal may show them. */
function quote(name: SettingName, text: string): string {
  if (rowOf(name).isSecret) return `${name} is not valid`
  const withoutUser = text.replace(/\/\/.*@/, '//…@')
  return `${name} is ${JSON.stringify(withoutUser.slice(0, MAX_QUOTED))}`
}

/** "expected …" as the table says it. */
export const expectationOf = (name: SettingName): string => rowOf(name).parser.expected

/** Flags of a command line, as texts by setting; words that are no flags are left alone. */
function readFlags(argv: readonly string[], report: Report): Partial<Record<SettingName, string>> {
  const options = Object.fromEntries(
    [...NAME_BY_FLAG.keys()].map((flag) => [flag, { type: 'string' as const }]),
  )
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  const texts: Partial<Record<SettingName, string>> = {}
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const name = NAME_BY_FLAG.get(token.name)
    const flags = [...NAME_BY_FLAG.keys()].map((flag) => `--${flag}`)
    if (!name) report(`${token.rawName} is not a flag${suggestion(token.rawName, flags)}`)
    else if (!token.value || token.value.startsWith('--'))
      report(`${token.rawName} has no value; expected ${expectationOf(name)}.`)
    else texts[name] = token.value
  }
  return texts
}

/** Reads and parses every setting of the table, reporting each that is wrong. */
export function collectSettings(
  sources: { env: Environment; argv: readonly string[] },
  report: Report,
): CollectedSettings {
  const flags = readFlags(sources.argv, report)
  const values: Partial<Record<SettingName, unknown>> = {}
  const refused = new Set<SettingName>()
  for (const name of SETTING_NAMES) {
    const { parser, fallback } = rowOf(name)
    const text = flags[name] ?? textOf(name, sources.env, report) ?? fallback
    if (text === null) continue
    const value = text === UNREADABLE ? undefined : parser.read(text)
    if (value !== undefined) values[name] = value
    else refused.add(name)
    if (value === undefined && text !== UNREADABLE) {
      report(`${quote(name, text)}; expected ${parser.expected}.`)
    }
  }
  reportUnknownNames(sources.env, report)
  // Each value came from the parser of its own row.
  return { values: values as Partial<SettingValues>, refused }
}
