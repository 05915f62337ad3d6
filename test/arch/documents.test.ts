import { proveRule } from './kit/rule.ts'
import {
  dependenciesExplained,
  dependenciesPinned,
  linksLead,
  lockfileComplete,
  readmeNamesScripts,
  scriptFilesExist,
  scriptsInstall,
  shortReadme,
} from './rules/documents.ts'

proveRule(shortReadme, {
  allows: { 'a page of 100 lines': { 'README.md': 'a\n'.repeat(100) } },
  refuses: { 'a page of 101 lines': { 'README.md': 'a\n'.repeat(101) } },
})

const install = 'node scripts/ensure-install.mjs'
const scripts = (all: Record<string, string>) => ({
  'package.json': JSON.stringify({ scripts: all }),
})
const checkScript = scripts({ precheck: install, check: 'biome check' })

proveRule(readmeNamesScripts, {
  allows: {
    'the same on both sides': { ...checkScript, 'README.md': '| `npm run check` | all |' },
  },
  refuses: {
    'a script that the page is silent on': { ...checkScript, 'README.md': '' },
    'a script that does not exist': {
      ...checkScript,
      'README.md': '| `npm run check` | all |\n| `npm run fly` | up |',
    },
  },
})

proveRule(scriptsInstall, {
  allows: { 'a script with its installation': checkScript },
  refuses: { 'a script without it': scripts({ check: 'biome check' }) },
})

proveRule(scriptFilesExist, {
  allows: { 'a file that exists': { ...scripts({ a: 'node a/b.ts serve' }), 'a/b.ts': '' } },
  refuses: {
    'a file that does not': scripts({ a: 'node a/b.ts serve' }),
    'a second file that does not': { ...scripts({ a: 'node a.ts && node b.ts' }), 'a.ts': '' },
  },
})

proveRule(linksLead, {
  allows: {
    'a file, a folder, a heading, another site': {
      'README.md': '[a](docs/a.md#part) [d](docs/adr/) [h](#here) [s](https://example.com)',
      'docs/a.md': '[back](../README.md)',
      'docs/adr/0001-a.md': '',
    },
  },
  refuses: {
    'a file that is not there': { 'README.md': '[a](docs/a.md)' },
    'a path seen from the wrong folder': { 'README.md': '', 'docs/a.md': '[back](README.md)' },
  },
})

const dependencies = (all: Record<string, string>) => ({
  'package.json': JSON.stringify({ dependencies: all }),
})

proveRule(dependenciesExplained, {
  allows: {
    'a row at the version in use': {
      ...dependencies({ pino: '10.4.0' }),
      'DEPENDENCIES.md': '| `pino` | 10.4.0 | MIT | log lines |',
    },
  },
  refuses: {
    'a dependency without a row': { ...dependencies({ pino: '10.4.0' }), 'DEPENDENCIES.md': '' },
    'a row at another version': {
      ...dependencies({ pino: '10.4.0' }),
      'DEPENDENCIES.md': '| `pino` | 9.0.0 | MIT | log lines |',
    },
    'a row of what is not used': {
      ...dependencies({}),
      'DEPENDENCIES.md': '| `pino` | 10.4.0 | MIT | log lines |',
    },
  },
})

proveRule(dependenciesPinned, {
  allows: { 'one version': dependencies({ pino: '10.4.0' }) },
  refuses: {
    'a range': dependencies({ pino: '^10.4.0' }),
    'whatever is newest': dependencies({ pino: 'latest' }),
  },
})

const lockfile = (packages: object) => ({ 'package-lock.json': JSON.stringify({ packages }) })
const tool = { version: '1.0.0', optionalDependencies: { 'tool-win32': '1.0.0' } }

proveRule(lockfileComplete, {
  allows: {
    'a tool with its binary': lockfile({
      'node_modules/tool': tool,
      'node_modules/tool-win32': { version: '1.0.0', optional: true },
    }),
  },
  refuses: {
    'a tool whose binary is not named': lockfile({ 'node_modules/tool': tool }),
    'a tool whose binary has no version': lockfile({
      'node_modules/tool': tool,
      'node_modules/tool-win32': { optional: true },
    }),
  },
})
