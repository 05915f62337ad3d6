import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { serveError } from './errors.ts'

const LOCK_FILE = 'running.lock'

/** Makes the folder of the embedded run where it is missing. @throws DATA_DIR_UNUSABLE */
export async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw serveError('DATA_DIR_UNUSABLE', { dataDir }, { cause })
  }
}

/**
 * Holds a data folder for one running platform: two would each run feeds and jobs on the same files.
 * The lock is the operating system's, so it goes with the process, however that ends.
 * @returns what lets it go; @throws DATA_DIR_UNUSABLE, DATA_DIR_IN_USE
 */
export async function holdDataDir(dataDir: string): Promise<() => void> {
  await makeDataDir(dataDir)
  const lock = new DatabaseSync(join(dataDir, LOCK_FILE))
  try {
    lock.exec('begin exclusive')
  } catch (cause) {
    lock.close()
    throw serveError('DATA_DIR_IN_USE', { dataDir }, { cause })
  }
  return () => {
    if (lock.isOpen) lock.close()
  }
}
