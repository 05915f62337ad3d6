import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { cpuOf } from './load.ts'

/** What `/proc` tells, or null where it is gone meanwhile or another user's. */
function unlessHidden<Found>(look: () => Found): Found | null {
  try {
    return look()
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? failure.code : null
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null
    throw failure
  }
}

const allPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

const parentOf = (pid: number): number | null =>
  unlessHidden(() =>
    Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]),
  )

/** The processes that a process has started. */
export const childrenOf = (pid: number): number[] =>
  allPids().filter((one) => parentOf(one) === pid)

const LISTENS = '0A'

/** Inodes of the sockets that listen on a port. */
function listenersOn(port: number): Set<string> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(
    (file) => unlessHidden(() => readFileSync(file, 'utf8').split('\n')) ?? [],
  )
  const cells = rows.map((row) => row.trim().split(/\s+/))
  const found = cells.filter(
    ([, local, , state]) => state === LISTENS && local?.endsWith(`:${hex}`),
  )
  return new Set(found.flatMap((cell) => (cell[9] ? [`socket:[${cell[9]}]`] : [])))
}

const holdsOneOf = (pid: number, sockets: ReadonlySet<string>): boolean =>
  (unlessHidden(() => readdirSync(`/proc/${pid}/fd`)) ?? []).some((fd) =>
    sockets.has(unlessHidden(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? ''),
  )

const LOCAL = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** The process of this machine that listens where `url` points; null for another machine's or user's. */
export function pidBehind(url: string, usualPort: number): number | null {
  const { hostname, port } = new URL(url)
  if (!LOCAL.has(hostname)) return null
  const sockets = listenersOn(Number(port || usualPort))
  return allPids().find((pid) => holdsOneOf(pid, sockets)) ?? null
}

/** CPU milliseconds that processes have used together. */
export const cpuOfAll = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + cpuOf(pid), 0)

/** A process and those that it has started, such as its workers and planners. */
export const processesOf = (pid: number): number[] => [pid, ...childrenOf(pid)]

/** Memory that is resident, of all processes together; what they share is counted in each. */
export const residentKb = (pids: readonly number[]): number =>
  pids
    .map((pid) => unlessHidden(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '')
    .reduce((sum, status) => sum + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0), 0)
