import { type Logger, pino } from 'pino'
import { maskCardNumbersWithin, mayHoldCardNumber } from './card-numbers.ts'

export type { Logger }

/** Keys whose values never reach a log line, wherever they stand. */
const SECRET_KEYS = [
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'authorization',
  'cookie',
  'apiKey',
  'email',
]

export type LogOptions = {
  level: string
  name: string
  /** Where lines go; standard error unless a test listens. */
  destination?: { write: (line: string) => void }
}

/** The line as it may be written: it is taken apart only where it looks like holding a number. */
function maskLine(line: string): string {
  if (!mayHoldCardNumber(line)) return line
  return `${JSON.stringify(maskCardNumbersWithin(JSON.parse(line)))}\n`
}

/** JSON lines with time, level and name; `child({ requestId })` adds the request. */
export function createLog({ level, name, destination }: LogOptions): Logger {
  const paths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`])
  return pino(
    {
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: '[redacted]' },
      hooks: { streamWrite: maskLine },
    },
    destination ?? pino.destination({ dest: 2, sync: false }),
  )
}
