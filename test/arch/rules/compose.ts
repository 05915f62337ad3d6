import { SETTINGS, type SettingName } from '#kernel/config/settings.ts'
import {
  type ComposeFile,
  type ComposeService,
  isOurs,
  parseCompose,
  parseDockerfile,
  SECRETS_MOUNT,
} from '../../kit/compose-file.ts'
import type { Rule } from '../kit/rule.ts'
import type { SourceTree } from '../kit/tree.ts'

const FILE = 'docker-compose.yml'

type Judge = (service: ComposeService, file: ComposeFile, name: string) => string[]

/** A law that each service keeps for itself. */
const forEachService = (name: string, judge: Judge): Rule => ({
  name,
  check: (tree) => {
    const file = parseCompose(tree.read(FILE))
    return Object.entries(file.services).flatMap(([service, one]) =>
      judge(one, file, service).map((sentence) => `${FILE} ${service}: ${sentence}`),
    )
  },
})

const failing = (checks: Readonly<Record<string, boolean>>) =>
  Object.entries(checks).flatMap(([sentence, isKept]) => (isKept ? [] : [sentence]))

/** SECURITY: what breaks into a container finds little. */
export const confined = forEachService('every service of the cluster is confined', (service) =>
  failing({
    'runs as a user of its own': !['', 'root', '0'].includes(service.user?.split(':')[0] ?? ''),
    'writes nowhere but in volumes': service.read_only === true,
    'has no capability': service.cap_drop?.join() === 'ALL',
    'gains no privileges': service.security_opt?.includes('no-new-privileges:true') === true,
    'is bounded in CPU, memory and processes':
      Object.keys(service.deploy?.resources?.limits ?? {}).join() === 'cpus,memory,pids',
    'has bounded logs': ['max-size', 'max-file'].every((key) => service.logging?.options?.[key]),
  }),
)

const isOnce = ({ restart }: ComposeService) => restart === 'no'

/** What stops comes back, what hangs is seen, what is told to stop has the time for it. */
export const supervised = forEachService('every service is watched and restarted', (service) =>
  failing({
    'hears signals in its first process': service.init === true,
    'is started again': isOnce(service) || service.restart === 'unless-stopped',
    'has a health check with a time-out':
      isOnce(service) || (service.healthcheck?.test.length ?? 0) > 1,
    'is not restarted for what it lacks': !service.healthcheck?.test.join().includes('/ready'),
    'has time to stop': isOnce(service) || service.stop_grace_period !== undefined,
  }),
)

/** Two starts of one commit are the same programs. */
export const imagesPinned: Rule = {
  name: 'every image is pinned to a version, ours to the Node of package.json',
  check: (tree) => {
    const { services } = parseCompose(tree.read(FILE))
    const foreign = Object.values(services).filter((service) => !isOurs(service))
    const { from } = parseDockerfile(tree.read('Dockerfile'))
    const { node } = JSON.parse(tree.read('package.json')).dependencies
    return [
      ...foreign
        .filter(
          ({ image }) => !/^[a-z]+:\d+\.\d+\.\d+(-[a-z]+)?(@sha256:[\da-f]{64})?$/.test(image),
        )
        .map(({ image }) => `${FILE} takes ${image}`),
      ...from
        .filter((image) => !image.startsWith(`node:${node}-`))
        .map((image) => `Dockerfile is made from ${image}, not from Node ${node}`),
    ]
  },
}

const rowOf = (name: string) => (name in SETTINGS ? SETTINGS[name as SettingName] : null)
const FOREIGN_SETTINGS = ['MARIADB_ROOT_PASSWORD_FILE', 'MARIADB_ROOT_HOST']

function secretsNamed({ environment = {} }: ComposeService): string[] {
  return Object.values(environment).flatMap((value) =>
    String(value).startsWith(SECRETS_MOUNT) ? String(value).slice(SECRETS_MOUNT.length) : [],
  )
}

/** A secret stands in a file of its own, given to those alone who need it. */
export const secretsByFile = forEachService('secrets are files', (service, file) => {
  const { secrets = [], environment = {} } = service
  return [
    ...Object.keys(environment)
      .filter((name) => rowOf(name)?.isSecret || /PASSWORD$|SECRET$|KEY$/.test(name))
      .map((name) => `${name} stands in the clear`),
    ...secretsNamed(service)
      .filter((name) => !secrets.includes(name))
      .map((name) => `reads ${name}, which it is not given`),
    ...secrets
      .filter((name) => file.secrets[name]?.file !== `./secrets/${name}`)
      .map((name) => `${name} is no file of ./secrets`),
    ...secrets
      .filter((name) => isOurs(service) && !secretsNamed(service).includes(name))
      .map((name) => `is given ${name}, which it does not read`),
  ]
})

const isSetting = (name: string) =>
  rowOf(name) !== null || (name.endsWith('_FILE') && rowOf(name.slice(0, -5))?.isSecret === true)

/** A word that nobody reads would be passed over in silence. */
export const settingsKnown = forEachService('every variable is a setting', (service) =>
  Object.keys(service.environment ?? {})
    .filter((name) => !FOREIGN_SETTINGS.includes(name) && !isSetting(name))
    .map((name) => `${name} is no setting`),
)

/** Data outlives containers in volumes that have names; from the project come files, to be read. */
export const volumesNamed = forEachService('volumes are named', ({ volumes = [] }, file) =>
  volumes
    .filter((volume) => {
      const [source = '', , mode] = volume.split(':')
      return source.startsWith('./docker/') ? mode !== 'ro' : !Object.hasOwn(file.volumes, source)
    })
    .map((volume) => `${volume} is neither a named volume nor a file of ./docker to be read`),
)

/** Whoever reaches the machine reaches the gateways, and nothing behind them. */
export const onlyGatewaysOutside = forEachService('only gateways are reached', (service, file) => {
  const isGateway = service.command?.includes('gateway/main.ts') === true
  const isInside = service.networks?.every((name) => file.networks[name]?.internal) === true
  return failing({ 'is on internal networks alone': isGateway || isInside }).concat(
    failing({ 'publishes no port': isGateway || service.ports === undefined }),
  )
})

const IGNORED = /^!(\S+)$/gm

/** What is built is what is looked at: no secret, test or history gets into the image. */
export const imageHoldsLittle: Rule = {
  name: 'the image holds what it copies, as another user than who runs it, without install scripts',
  check: (tree: SourceTree) => {
    const { copied, packages, user, command, runs } = parseDockerfile(tree.read('Dockerfile'))
    const sent = [...tree.read('.dockerignore').matchAll(IGNORED)].flatMap(([, path]) => path ?? [])
    const wanted = copied.toSorted()
    const installs = runs.filter((line) => line.startsWith('npm '))
    return failing({
      'Dockerfile: runs as a user by number': /^[1-9]\d*:[1-9]\d*$/.test(user),
      'Dockerfile: starts node itself': command.startsWith('["node"'),
      'Dockerfile: installs what package-lock.json says, without scripts and development':
        installs.every((line) => /^npm ci (--omit=dev )?--ignore-scripts/.test(line)) &&
        /^RUN npm ci --omit=dev /m.test(packages),
      '.dockerignore: sends what is copied and nothing else':
        tree.read('.dockerignore').split('\n').includes('*') &&
        sent.sort().join() === wanted.join(),
      '.gitignore: leaves the secrets out': tree
        .read('.gitignore')
        .split('\n')
        .includes('secrets/'),
    })
  },
}
