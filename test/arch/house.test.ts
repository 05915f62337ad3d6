import { DOMAIN_FILES, DOMAIN_FOLDERS } from './kit/rooms.ts'
import { proveRule } from './kit/rule.ts'
import {
  fewParameters,
  kebabCase,
  noForbiddenWords,
  sameRooms,
  shortFiles,
  shortFunctions,
} from './rules/house.ts'

const domain: Record<string, string> = Object.fromEntries([
  ...DOMAIN_FILES.map((name) => [`subgraphs/identity/${name}`, '']),
  ...DOMAIN_FOLDERS.map((name) => [`subgraphs/identity/${name}/one.ts`, '']),
])
const without = (path: string) =>
  Object.fromEntries(Object.entries(domain).filter(([known]) => known !== path))

proveRule(sameRooms, {
  allows: { 'a domain with all rooms': domain },
  refuses: {
    'a domain without its catalogue of errors': without('subgraphs/identity/errors.ts'),
    'a domain without migrations for MariaDB': without(
      'subgraphs/identity/migrations/mysql/one.ts',
    ),
    'a second domain that has only a door': { ...domain, 'subgraphs/tenancy/subgraph.ts': '' },
  },
})

const lines = (count: number) => Array.from({ length: count }, (_, at) => `  go(${at})`).join('\n')

proveRule(shortFiles, {
  allows: { 'a file of 300 lines': { 'kernel/a.ts': lines(300) } },
  refuses: { 'a file of 301 lines': { 'kernel/a.ts': lines(301) } },
})

proveRule(shortFunctions, {
  allows: {
    'a function of 60 lines': { 'kernel/a.ts': `function a() {\n${lines(58)}\n}` },
    'a factory whose methods are short': {
      'kernel/a.ts': `function a() {\n${`const b = () => {\n${lines(20)}\n}\n`.repeat(4)}}`,
    },
    'a long table of fields': {
      'kernel/a.ts': `const fields = (t) => ({\n${lines(80).replaceAll(/go\((\d+)\)/g, 'f$1: t,')}\n})`,
    },
  },
  refuses: {
    'a factory of 61 lines beside its methods': {
      'kernel/a.ts': `function a() {\n${lines(58)}\n  const b = () => {\n${lines(9)}\n  }\n}`,
    },
    'a function of 61 lines': { 'kernel/a.ts': `function a() {\n${lines(59)}\n}` },
    'a method of 61 lines': { 'kernel/a.ts': `const a = { b() {\n${lines(59)}\n} }` },
    'an arrow of 61 lines': { 'kernel/a.ts': `const a = () => {\n${lines(59)}\n}` },
  },
})

proveRule(fewParameters, {
  allows: {
    'three parameters': { 'kernel/a.ts': 'function a(b: string, c: number, d: boolean) {}' },
    'a resolver with the four of GraphQL': { 'kernel/a.ts': 'const r = (a, b, c, d) => d' },
  },
  refuses: { 'four parameters': { 'kernel/a.ts': 'function a(b, c, d, e) {}' } },
})

proveRule(kebabCase, {
  allows: {
    'words with hyphens': { 'kernel/auth/service-token.ts': '' },
    'a long proof': { 'test/prove/refresh-rotation.prove.ts': '' },
  },
  refuses: { 'a name in camel case': { 'kernel/auth/serviceToken.ts': '' } },
})

const machinePath = ['', 'home', 'someone', 'dbsbm'].join('/')

proveRule(noForbiddenWords, {
  allows: {
    'a relative path': { 'README.md': 'see ../shared/data and https://example.com/home/x' },
    'work that an issue knows': { 'kernel/a.ts': `// ${'TO' + 'DO'}(#12): the second dialect` },
  },
  refuses: {
    'a path of one machine in a comment': { 'kernel/a.ts': `// see ${machinePath}` },
    'a path of one machine in prose': { 'docs/a.md': `run it in ${machinePath}` },
    'work that no issue knows': { 'kernel/a.ts': `// ${'TO' + 'DO'}: later` },
  },
})
