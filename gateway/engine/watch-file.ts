import { watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

/** A watch over one file. */
export type FileWatch = { close: () => Promise<void> }

export type FileWatchOptions = {
  path: string
  /**
   * Called once at first (the file may have changed since it was read) and whenever the file has
   * changed and lies still; calls never overlap. Must not reject.
   */
  onChange: () => Promise<void>
  /** For file systems that give no notice. */
  pollIntervalMs: number
  /** How long the file must lie still; writers do not write at once. */
  settleMs?: number
}

const ABSENT = 'absent'

async function fingerprint(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException
    // A file that is there and cannot be read is a change that its reader has to report.
    return code === 'ENOENT' ? ABSENT : `unreadable ${code}`
  }
}

/**
 * Watches the folder rather than the file, because editors and mounted configuration replace files
 * by renaming, and looks at the file now and then where no notice comes.
 */
export function watchFile(options: FileWatchOptions): FileWatch {
  const { path, onChange, pollIntervalMs, settleMs = 50 } = options
  let isClosed = false
  let settling: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let seen = ABSENT

  const look = async () => {
    const now = await fingerprint(path)
    if (isClosed || now === seen || now === ABSENT) return
    seen = now
    await onChange()
  }
  const lookSoon = () => {
    clearTimeout(settling)
    settling = setTimeout(() => {
      running = running.then(look)
    }, settleMs)
  }
  const notices = watch(dirname(path), (_event, name) => {
    if (name === null || name === basename(path)) lookSoon()
  })
  // A watch that fails (the folder was removed) leaves the polling.
  notices.on('error', () => notices.close())
  const poll = setInterval(lookSoon, pollIntervalMs)
  poll.unref()
  lookSoon()

  return {
    close: async () => {
      isClosed = true
      clearTimeout(settling)
      clearInterval(poll)
      notices.close()
      await running
    },
  }
}
