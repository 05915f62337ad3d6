// Runs before every npm script, on whichever Node (18 or later) the system has: brings node_modules
// in line with package-lock.json, or does nothing when it already is. No dependencies, by design.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR = 24
const LOCK_WAIT_MILLISECONDS = 10 * 60_000
const LOCK_POLL_MILLISECONDS = 250

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.dbsbm-installed')
const lock = join(root, '.install-lock')

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')

/** What an installation is made from: when this is unchanged, so is node_modules. */
export function fingerprint(packageJson, packageLock) {
  return createHash('sha256').update(packageJson).update('\0').update(packageLock).digest('hex')
}

/** True when npm's own record of node_modules already holds what the lockfile asks for. */
export function isInLine(packageJson, packageLock, installedLock) {
  if (packageLock === '' || installedLock === '') return false
  const manifest = JSON.parse(packageJson)
  const wanted = JSON.parse(packageLock).packages
  const installed = JSON.parse(installedLock).packages
  for (const group of ['dependencies', 'devDependencies']) {
    const [asked, locked] = [manifest[group] ?? {}, wanted['']?.[group] ?? {}]
    if (JSON.stringify(asked) !== JSON.stringify(locked)) return false
  }
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || (installed[path] ? installed[path].version === version : optional === true),
  )
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

function currentFingerprint() {
  return fingerprint(read(join(root, 'package.json')), read(join(root, 'package-lock.json')))
}

function isInstalled() {
  return read(stamp) === currentFingerprint()
}

/** True for the one process that may install; others wait here until it has finished. */
function takeLock() {
  const deadline = Date.now() + LOCK_WAIT_MILLISECONDS
  for (;;) {
    try {
      mkdirSync(lock)
      return true
    } catch (failure) {
      if (failure.code !== 'EEXIST') throw failure
    }
    if (isInstalled()) return false
    if (lockAge() > LOCK_WAIT_MILLISECONDS) rmSync(lock, { recursive: true, force: true })
    if (Date.now() > deadline) {
      fail(`Another installation has held ${lock} for ten minutes; remove it and try again.`)
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MILLISECONDS)
  }
}

function lockAge() {
  const stats = statSync(lock, { throwIfNoEntry: false })
  return stats === undefined ? 0 : Date.now() - stats.mtimeMs
}

/** npm with the Node that started us: the one under node_modules is about to be replaced. */
function runNpmCi() {
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const path = (process.env.PATH ?? '').split(delimiter)
  const env = {
    ...process.env,
    PATH: path.filter((entry) => !entry.includes('node_modules')).join(delimiter),
  }
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  const isInside = node?.startsWith(modules)
  const result =
    npm && node && !isInside && !npm.startsWith(modules)
      ? spawnSync(node, [npm, ...options], { cwd: root, stdio: 'inherit', env })
      : spawnSync('npm', options, { cwd: root, stdio: 'inherit', env, shell: true })
  if (result.status !== 0) {
    fail('`npm ci` failed (see above); check the network and registry, then run the command again.')
  }
}

function verifyNode() {
  const shim = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const isShim = existsSync(shim)
  const version = isShim
    ? spawnSync(shim, ['--version'], { encoding: 'utf8' }).stdout?.trim()
    : process.version
  if (version?.startsWith(`v${NODE_MAJOR}.`)) return
  fail(
    isShim
      ? `${shim} answers ${version ?? 'nothing'} instead of v${NODE_MAJOR}; run \`npm ci\` again.`
      : `Node ${NODE_MAJOR} is missing because the install script of the npm package "node" did not run; run \`npm rebuild node --ignore-scripts=false\`, or use Node ${NODE_MAJOR} for npm itself.`,
  )
}

function install() {
  const [manifest, wanted] = [
    read(join(root, 'package.json')),
    read(join(root, 'package-lock.json')),
  ]
  if (!isInLine(manifest, wanted, read(join(modules, '.package-lock.json')))) {
    process.stderr.write('Installing what package-lock.json names (once, about a minute) …\n')
    runNpmCi()
  }
  verifyNode()
  writeFileSync(stamp, fingerprint(manifest, wanted))
}

function ensureInstalled() {
  if (isInstalled()) return
  if (!takeLock()) return
  const release = () => rmSync(lock, { recursive: true, force: true })
  process.once('exit', release)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
  if (!isInstalled()) install()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled()
