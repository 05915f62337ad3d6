import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SETTING_NAMES, SETTINGS } from '#kernel/config/settings.ts'
import { ConfigurationError, readConfig, readProcessConfig } from '#kernel/config.ts'

const SECRET = 'correct horse battery staple correct'
const OPERATOR_KEY = `v1:${Buffer.alloc(32, 1).toString('base64')}`

const CLUSTER: Record<string, string> = {
  DBSBM_MODE: 'cluster',
  SUBGRAPH_URL_IDENTITY: 'http://identity:4001/',
  SUBGRAPH_URL_TENANCY: 'http://tenancy:4002',
  SUBGRAPH_URL_AI: 'http://ai:4003',
  SUBGRAPH_URL_COMPLIANCE: 'http://compliance:4004',
  SUBGRAPH_URL_ANALYTICS: 'http://analytics:4005/odds/',
  DATABASE_URL_IDENTITY: 'mariadb://root:pass@db:3306/identity',
  REDIS_URL: 'redis://:pass@redis:6379/0',
  SERVICE_SECRET: SECRET,
  OPERATOR_KEY,
}

function problemsOf(...given: Parameters<typeof readConfig>): readonly string[] {
  try {
    readConfig(...given)
  } catch (failure) {
    if (failure instanceof ConfigurationError) return failure.problems
    throw failure
  }
  return []
}

const without = (env: Record<string, string>, ...names: string[]) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)))

describe('the embedded run', () => {
  test('needs no setting at all', () => {
    expect(readConfig({})).toMatchInlineSnapshot(`
      {
        "dataDir": "var",
        "database": {
          "poolSize": 10,
          "timeoutMs": 10000,
        },
        "databaseUrls": {
          "ai": "sqlite:var/ai.sqlite",
          "analytics": "sqlite:var/analytics.sqlite",
          "compliance": "sqlite:var/compliance.sqlite",
          "identity": "sqlite:var/identity.sqlite",
          "tenancy": "sqlite:var/tenancy.sqlite",
        },
        "firstOperator": null,
        "gateway": {
          "accessErrors": "errors",
          "accessMode": "filter",
          "callbackUrl": null,
          "corsOrigins": [],
          "demand": {
            "budgets": {
              "anonymous": {
                "most": 200000,
                "perSecond": 4000,
              },
              "connection": {
                "most": 200000,
                "perSecond": 5000,
              },
              "key": {
                "most": 800000,
                "perSecond": 20000,
              },
              "operator": {
                "most": 2000000,
                "perSecond": 50000,
              },
              "signIn": {
                "most": 10000,
                "perSecond": 500,
              },
              "tenant": {
                "most": 4000000,
                "perSecond": 100000,
              },
              "user": {
                "most": 400000,
                "perSecond": 10000,
              },
            },
            "listSize": 10,
            "maxCost": 200000,
            "maxDirectives": 100,
            "maxSubgraphCost": 200000,
            "mode": "enforce",
          },
          "documentsFile": null,
          "drainMs": 10000,
          "executor": "engine",
          "httpStatus": "audits",
          "isApqOn": true,
          "isCompressionOn": true,
          "isConsoleOn": true,
          "isIntrospectionByRights": false,
          "isIntrospectionOn": true,
          "isMetricsOn": true,
          "isQueryPlanOn": true,
          "isSharingOn": true,
          "maxAliases": 100,
          "maxBodyBytes": 1048576,
          "maxClientConnections": 200,
          "maxConnections": 10000,
          "maxDepth": 20,
          "maxOperations": 1,
          "maxSubscriptions": 100,
          "maxTenantSubscriptions": 100000,
          "maxTokens": 5000,
          "maxUserSubscriptions": 1000,
          "noticeMs": 0,
          "overrideLabels": [],
          "planningMs": 2000,
          "policyTimeoutMs": 1000,
          "requestTimeoutMs": 30000,
          "retryMs": 5000,
          "safelist": "off",
          "schemaFile": null,
          "slowOperationMs": 0,
          "subgraphStreams": {},
          "subgraphTimeoutMs": 10000,
          "supergraphFile": null,
          "tracing": {
            "endpoint": null,
            "headers": {},
            "ratio": 1,
            "serviceName": "dbsbm-gateway",
          },
          "trustedProxies": [],
          "warmMs": 10000,
          "workers": 1,
        },
        "host": "127.0.0.1",
        "logLevel": "warn",
        "mode": "embedded",
        "oddsFeed": {
          "intervalSeconds": 1,
          "kind": "simulator",
          "seed": "demo",
        },
        "operatorKey": {
          "kind": "file",
          "mayCreate": true,
          "path": "var/keys/operator.key",
        },
        "port": 4000,
        "redis": null,
        "role": "gateway",
        "serviceSecret": null,
        "subgraphUrls": {
          "ai": null,
          "analytics": null,
          "compliance": null,
          "identity": null,
          "tenancy": null,
        },
      }
    `)
  })

  test('every setting can be given', () => {
    const config = readConfig({
      DATA_DIR: '/data',
      DATABASE_URL_AI: 'sqlite::memory:',
      SUBGRAPH_URL_AI: 'http://127.0.0.1:4003',
      OPERATOR_KEY,
      SERVICE_SECRET: SECRET,
      GATEWAY_INTROSPECTION: 'off',
      GATEWAY_CORS_ORIGINS: 'https://a.example, http://localhost:5173',
      GATEWAY_TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.1, fd00::/8',
      ODDS_FEED: 'none',
    })
    expect(config.databaseUrls.ai).toBe('sqlite::memory:')
    expect(config.databaseUrls.tenancy).toBe('sqlite:/data/tenancy.sqlite')
    expect(config.subgraphUrls.ai).toBe('http://127.0.0.1:4003')
    expect(config.operatorKey).toEqual({ kind: 'text', text: OPERATOR_KEY })
    expect(config.serviceSecret).toBe(SECRET)
    expect(config.gateway.isIntrospectionOn).toBe(false)
    expect(config.gateway.corsOrigins).toEqual(['https://a.example', 'http://localhost:5173'])
    expect(config.gateway.trustedProxies).toEqual([
      { address: '10.0.0.0', prefix: 8, family: 'ipv4' },
      { address: '192.0.2.1', prefix: 32, family: 'ipv4' },
      { address: 'fd00::', prefix: 8, family: 'ipv6' },
    ])
    expect(config.oddsFeed).toEqual({ kind: 'none' })
  })

  test('an empty variable counts as not given, as compose files write it', () => {
    expect(readConfig({ PORT: '', REDIS_URL: ' ', SERVICE_SECRET_FILE: '' })).toEqual(
      readConfig({}),
    )
  })
})

describe('ports', () => {
  test.each([
    ['gateway', 4000],
    ['identity', 4001],
    ['tenancy', 4002],
    ['ai', 4003],
    ['compliance', 4004],
    ['analytics', 4005],
  ] as const)('%s listens on %i unless told otherwise', (role, port) => {
    expect(readConfig({}, [], role).port).toBe(port)
    expect(readConfig({ PORT: '5000' }, [], role).port).toBe(5000)
  })
})

describe('the cluster', () => {
  test('a subgraph reads its own database, all addresses and the secrets', () => {
    const config = readConfig(CLUSTER, [], 'identity')
    expect(config.mode).toBe('cluster')
    expect(config.databaseUrls).toEqual({
      identity: 'mariadb://root:pass@db:3306/identity',
      tenancy: null,
      ai: null,
      compliance: null,
      analytics: null,
    })
    expect(config.subgraphUrls.identity).toBe('http://identity:4001')
    expect(config.subgraphUrls.analytics).toBe('http://analytics:4005/odds')
    expect(config.gateway.isIntrospectionOn).toBe(false)
    expect(config.gateway.isQueryPlanOn).toBe(false)
    expect(config.gateway.isMetricsOn).toBe(false)
    expect(config.oddsFeed).toEqual({ kind: 'none' })
  })

  test('the gateway needs neither databases nor the operator’s key', () => {
    const env = without(CLUSTER, 'DATABASE_URL_IDENTITY', 'OPERATOR_KEY')
    const config = readConfig(env, [], 'gateway')
    expect(config.operatorKey).toBeNull()
    expect(problemsOf(env, [], 'identity')).toHaveLength(2)
  })

  test('all that is missing is told at once', () => {
    expect(problemsOf({ DBSBM_MODE: 'cluster' }, [], 'analytics')).toMatchInlineSnapshot(`
      [
        "DATABASE_URL_ANALYTICS is missing; cluster mode needs it: expected sqlite:<path>, sqlite::memory:, mysql://… or mariadb://… with host and database name.",
        "SUBGRAPH_URL_IDENTITY is missing; cluster mode needs it: expected a URL such as http://127.0.0.1:4001 (no user, query or fragment).",
        "SUBGRAPH_URL_TENANCY is missing; cluster mode needs it: expected a URL such as http://127.0.0.1:4001 (no user, query or fragment).",
        "SUBGRAPH_URL_AI is missing; cluster mode needs it: expected a URL such as http://127.0.0.1:4001 (no user, query or fragment).",
        "SUBGRAPH_URL_COMPLIANCE is missing; cluster mode needs it: expected a URL such as http://127.0.0.1:4001 (no user, query or fragment).",
        "SUBGRAPH_URL_ANALYTICS is missing; cluster mode needs it: expected a URL such as http://127.0.0.1:4001 (no user, query or fragment).",
        "REDIS_URL is missing; cluster mode needs it: expected a URL such as redis://127.0.0.1:6379.",
        "SERVICE_SECRET is missing; cluster mode needs it: expected 32 to 65536 random characters.",
        "OPERATOR_KEY is missing; cluster mode needs it: expected lines v<number>:<base64 of 32 bytes>.",
      ]
    `)
    expect(problemsOf({ DBSBM_MODE: 'cluster' }, [], 'subgraphs')).toHaveLength(13)
  })

  test('a gateway that serves a supergraph of its own needs nothing of it', () => {
    const env = { DBSBM_MODE: 'cluster' }
    const config = readConfig(env, ['--supergraph', 'shop.graphql', '--port=5001'])
    expect(config.gateway.supergraphFile).toBe('shop.graphql')
    expect(config.port).toBe(5001)
    expect(problemsOf(env, ['--supergraph', 'shop.graphql'], 'identity').length).toBeGreaterThan(0)
  })
})

describe('flags', () => {
  test('win over variables, and words between them are left alone', () => {
    const argv = ['serve', '--port', '4100', '--host=0.0.0.0', '--data-dir', '/tmp/x']
    const config = readConfig({ PORT: '4200', HOST: '::1' }, argv)
    expect(config).toMatchObject({ port: 4100, host: '0.0.0.0', dataDir: '/tmp/x' })
  })

  test('unknown, empty and wrong ones are refused', () => {
    const argv = ['--prot', '1', '--host', '--port=high', '--verbose']
    expect(problemsOf({}, argv)).toMatchInlineSnapshot(`
      [
        "--prot is not a flag; did you mean --port?",
        "--host has no value; expected a host name or an IP address such as 127.0.0.1, 0.0.0.0 or ::1.",
        "--verbose is not a flag.",
      ]
    `)
  })
})

describe('wrong settings', () => {
  test('are told all at once, one sentence each, secrets never quoted', () => {
    const problems = problemsOf({
      DBSBM_MODE: 'clustr',
      PORT: '70000',
      HOST: 'not a host',
      LOG_LEVEL: 'loud',
      REDIS_URL: 'http://secret-redis',
      SERVICE_SECRET: 'too short a secret',
      OPERATOR_KEY: 'hunter2',
      DATABASE_URL_AI: 'postgres://user:hunter2@db/ai',
      SUBGRAPH_URL_AI: 'http://user:hunter2@ai',
      GATEWAY_INTROSPECTION: 'maybe',
      GATEWAY_CORS_ORIGINS: '*',
      GATEWAY_MAX_DEPTH: '1e3',
      GATEWAY_MAX_DEPHT: '5',
      DBSBM_WHATEVER_THAT_MAY_BE: '1',
      ODDS_FEED: 'season',
      ODDS_FEED_SPEED: '0',
      ODDS_FEED_LEAGUE: `E0${'x'.repeat(100)}`,
    })
    expect(problems).toMatchInlineSnapshot(`
      [
        "DBSBM_MODE is "clustr"; expected one of embedded, cluster.",
        "HOST is "not a host"; expected a host name or an IP address such as 127.0.0.1, 0.0.0.0 or ::1.",
        "PORT is "70000"; expected a whole number from 0 to 65535.",
        "LOG_LEVEL is "loud"; expected one of trace, debug, info, warn, error, fatal, silent.",
        "REDIS_URL is not valid; expected a URL such as redis://127.0.0.1:6379.",
        "OPERATOR_KEY is not valid; expected lines v<number>:<base64 of 32 bytes>.",
        "SERVICE_SECRET is not valid; expected 32 to 65536 random characters.",
        "DATABASE_URL_AI is not valid; expected sqlite:<path>, sqlite::memory:, mysql://… or mariadb://… with host and database name.",
        "SUBGRAPH_URL_AI is "http://…@ai"; expected a URL such as http://127.0.0.1:4001 (no user, query or fragment).",
        "GATEWAY_INTROSPECTION is "maybe"; expected on or off.",
        "GATEWAY_CORS_ORIGINS is "*"; expected origins such as https://console.example.com, comma separated (at most 100, no *).",
        "GATEWAY_MAX_DEPTH is "1e3"; expected a whole number from 1 to 1000.",
        "ODDS_FEED_LEAGUE is "E0xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"; expected a code of the file such as E0 (at most 50 characters).",
        "ODDS_FEED_SPEED is "0"; expected a number from 0.001 to 10000000.",
        "DBSBM_WHATEVER_THAT_MAY_BE is not a setting.",
        "GATEWAY_MAX_DEPHT is not a setting; did you mean GATEWAY_MAX_DEPTH?",
        "ODDS_FEED_FILE is missing; ODDS_FEED=season needs it: expected a file (at most 1024 characters).",
        "ODDS_FEED_SEASON is missing; ODDS_FEED=season needs it: expected a season of the file such as 2023-24 (at most 50 characters).",
      ]
    `)
    expect(problems.join()).not.toMatch(/hunter2|secret-redis|too short a secret/)
  })

  test('the error carries the list in its message and its code', () => {
    const read = () => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })
    expect(read).toThrow(expect.objectContaining({ code: 'KERNEL_CONFIGURATION_INVALID' }))
    expect(read).toThrow(/PORT is "x".*\n- LOG_LEVEL is "y"/)
  })

  test.each([
    ['PORT', '-1'],
    ['PORT', '4000.5'],
    ['PORT', '0x10'],
    ['DATABASE_URL_AI', 'sqlite://file'],
    ['DATABASE_URL_AI', 'mariadb://host'],
    ['DATABASE_URL_AI', 'sqlite:'],
    ['SUBGRAPH_URL_AI', 'ftp://ai'],
    ['SUBGRAPH_URL_AI', 'http://ai?x=1'],
    ['SUBGRAPH_URL_AI', '//ai'],
    ['GATEWAY_CORS_ORIGINS', 'https://a.example/path'],
    ['GATEWAY_CORS_ORIGINS', 'null'],
    ['GATEWAY_TRUSTED_PROXIES', 'localhost'],
    ['GATEWAY_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['GATEWAY_TRUSTED_PROXIES', '10.0.0.0/8,'],
    ['GATEWAY_TRUSTED_PROXIES', '0.0.0.0/0'],
    ['GATEWAY_TRUSTED_PROXIES', '::/0'],
    ['GATEWAY_TRUSTED_PROXIES', '::ffff:10.0.0.0/104'],
    ['GATEWAY_TRUSTED_PROXIES', Array(101).fill('10.0.0.1').join()],
    ['GATEWAY_INTROSPECTION', 'constructor'],
    ['ODDS_FEED_REGIONS', 'eu,,uk'],
    ['DATA_DIR', 'a\u0000b'],
  ])('%s=%j is refused', (name, text) => {
    expect(problemsOf({ [name]: text })).toEqual([
      expect.stringMatching(new RegExp(`^${name} is .*; expected .*\\.$`)),
    ])
  })
})

describe('names that nobody knows', () => {
  test('are refused with the nearest one', () => {
    expect(problemsOf({ SUBGRAPH_URL_IDENTITIES: 'http://x' })).toEqual([
      'SUBGRAPH_URL_IDENTITIES is not a setting; did you mean SUBGRAPH_URL_IDENTITY?',
    ])
    expect(problemsOf({ SERVICE_SECRET_FIL: 'x' })).toEqual([
      'SERVICE_SECRET_FIL is not a setting; did you mean SERVICE_SECRET_FILE?',
    ])
  })

  test('a file is taken for secrets only', () => {
    expect(problemsOf({ GATEWAY_MAX_DEPTH_FILE: 'x' })).toHaveLength(1)
  })

  test('of other programs, and of the test run, are none of our business', () => {
    expect(problemsOf({ PATH: '/bin', DATABASE: 'x', DBSBM_TEST_SERVICES: '1' })).toEqual([])
  })
})

describe('secrets from files', () => {
  function makeFile(text: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'secret')
    writeFileSync(path, text)
    return path
  }

  test('are read, without the line break at the end', () => {
    const config = readConfig({ SERVICE_SECRET_FILE: makeFile(`${SECRET}\n`) })
    expect(config.serviceSecret).toBe(SECRET)
  })

  test('are refused beside the direct setting, when missing, too long or wrong inside', () => {
    const both = { SERVICE_SECRET: SECRET, SERVICE_SECRET_FILE: makeFile(SECRET) }
    expect(problemsOf(both)).toEqual([
      'SERVICE_SECRET and SERVICE_SECRET_FILE are both given; expected one of them.',
    ])
    expect(problemsOf({ REDIS_URL_FILE: '/no/such/file' })).toEqual([
      'REDIS_URL_FILE is "/no/such/file"; expected a file that can be read (ENOENT).',
    ])
    expect(problemsOf({ REDIS_URL_FILE: makeFile('hunter2') })).toEqual([
      'REDIS_URL is not valid; expected a URL such as redis://127.0.0.1:6379.',
    ])
    expect(problemsOf({ SERVICE_SECRET_FILE: makeFile('x'.repeat(65_537)) })).toHaveLength(1)
  })

  test('an unreadable one is not called missing as well', () => {
    const env = { ...without(CLUSTER, 'SERVICE_SECRET'), SERVICE_SECRET_FILE: '/no/such/file' }
    expect(problemsOf(env, [], 'gateway')).toHaveLength(1)
  })
})

describe('odds feeds', () => {
  test('each kind takes its own settings', () => {
    const season = { ODDS_FEED_FILE: 'm.csv', ODDS_FEED_LEAGUE: 'E0', ODDS_FEED_SEASON: '2023-24' }
    expect(
      readConfig({ ODDS_FEED: 'season', ...season, ODDS_FEED_SPEED: '86400' }).oddsFeed,
    ).toEqual({
      kind: 'season',
      file: 'm.csv',
      league: 'E0',
      season: '2023-24',
      speed: 86_400,
    })
    const snapshots = { ODDS_FEED: 'snapshots', ODDS_FEED_FILE: 's.csv.gz' }
    expect(readConfig(snapshots).oddsFeed).toEqual({
      kind: 'snapshots',
      file: 's.csv.gz',
      speed: 60,
    })
    const http = { ODDS_FEED: 'http', ODDS_FEED_URL: 'http://127.0.0.1:9/', ODDS_FEED_KEY: 'k' }
    expect(readConfig(http).oddsFeed).toEqual({
      kind: 'http',
      url: 'http://127.0.0.1:9',
      key: 'k',
      sports: ['soccer_epl'],
      regions: ['eu', 'uk'],
      intervalSeconds: 60,
    })
  })

  test.each([
    ['season', 3],
    ['snapshots', 1],
    ['http', 2],
    ['simulator', 0],
  ])('%s says what it misses', (kind, count) => {
    expect(problemsOf({ ODDS_FEED: kind })).toHaveLength(count)
  })
})

describe('the table of settings', () => {
  test('every row has a sentence, and every fallback is a value of its row', () => {
    for (const name of SETTING_NAMES) {
      const { doc, fallback, parser } = SETTINGS[name]
      expect(doc, name).toMatch(/^[A-Z].*\.$|^embedded.*\.$/)
      if (fallback !== null) expect(parser.read(fallback), name).toBeDefined()
    }
  })

  test('flags are unique', () => {
    const flags = SETTING_NAMES.flatMap((name) => SETTINGS[name].flag ?? [])
    expect(new Set(flags).size).toBe(flags.length)
  })
})

test('the process reads its own variables', () => {
  expect(readProcessConfig(['--port', '4321']).port).toBe(4321)
})
