import { type Logger, pino } from 'pino'

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

/** JSON lines with time, level and name; `child({ requestId })` adds the request. */
export function createLog({ level, name, destination }: LogOptions): Logger {
  const paths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`])
  return pino(
    {
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: '[redacted]' },
    },
    destination ?? pino.destination({ dest: 2, sync: false }),
  )
}
