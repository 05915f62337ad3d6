import { proveRule } from './kit/rule.ts'
import {
  dependenciesAreUsed,
  domainWithoutGraphql,
  doorsAreOpenedTwice,
  elasticInItsPlace,
  importWalls,
  noBarrels,
  noCycles,
  productionWithoutTests,
} from './rules/imports.ts'

proveRule(importWalls, {
  allows: {
    'types take services, services entities, entities the kernel': {
      'subgraphs/identity/types/user.ts': "import type { Users } from '../services/users.ts'",
      'subgraphs/identity/services/users.ts': "import { User } from '../entities/user.ts'",
      'subgraphs/identity/entities/user.ts': "import { idColumn } from '#kernel/db/columns.ts'",
    },
    'the gateway takes the kernel, and local.ts a subgraph door': {
      'gateway/server.ts': "import { createLog } from '#kernel/log.ts'",
      'gateway/local.ts': "import { identity } from '#subgraphs/identity/subgraph.ts'",
    },
  },
  refuses: {
    'the console takes from the gateway': {
      'console/src/main.tsx': "import type { Gateway } from '#gateway/server.ts'",
    },
    'the SDK takes from the console': {
      'sdk/src/client.ts': "import { follow } from '../../console/src/live/follow.ts'",
    },
    'the kernel takes from a domain': {
      'kernel/clock.ts': "import { User } from '#subgraphs/identity/entities/user.ts'",
    },
    'a domain takes from another, even a type': {
      'subgraphs/tenancy/services/guilds.ts':
        "import type { User } from '../../identity/entities/user.ts'",
    },
    'an entity takes a service': {
      'subgraphs/identity/entities/user.ts': "import { createUsers } from '../services/users.ts'",
    },
    'a service takes a type file': {
      'subgraphs/identity/services/users.ts': "export { UserType } from '../types/user.ts'",
    },
    'a service takes the kernel of GraphQL': {
      'subgraphs/identity/services/users.ts': "import { where } from '#kernel/graphql/where.ts'",
    },
    'the gateway takes a service, even lazily': {
      'gateway/server.ts': "await import('#subgraphs/identity/services/users.ts')",
    },
    'a subgraph takes the gateway': {
      'subgraphs/identity/subgraph.ts': "import { createGateway } from '#gateway/server.ts'",
    },
  },
})

proveRule(domainWithoutGraphql, {
  allows: {
    'a type file speaks GraphQL': {
      'subgraphs/identity/types/user.ts': "import { GraphQLError } from 'graphql'",
    },
  },
  refuses: {
    'a service throws a GraphQLError': {
      'subgraphs/identity/services/users.ts': "import { GraphQLError } from 'graphql'",
    },
    'an entity names a Pothos type': {
      'subgraphs/identity/entities/user.ts': "import type SchemaBuilder from '@pothos/core'",
    },
  },
})

proveRule(elasticInItsPlace, {
  allows: {
    'composition composes, the gateway plans, a subgraph takes the package under MIT': {
      'kernel/graphql/compose.ts': "import { composeServices } from '@apollo/composition'",
      'gateway/engine/plan.ts': "import { QueryPlanner } from '@apollo/query-planner'",
      'subgraphs/identity/schema.ts': "import { printSubgraphSchema } from '@apollo/subgraph'",
    },
  },
  refuses: {
    'a subgraph takes the internals': {
      'subgraphs/identity/schema.ts':
        "import { parseSelectionSet } from '@apollo/federation-internals'",
    },
  },
})

proveRule(doorsAreOpenedTwice, {
  allows: {
    'the process of the subgraphs opens one': {
      'subgraphs/main.ts': "import { identity } from './identity/subgraph.ts'",
    },
  },
  refuses: {
    'the gateway opens one beside local.ts': {
      'gateway/server.ts': "import { identity } from '#subgraphs/identity/subgraph.ts'",
    },
  },
})

proveRule(noBarrels, {
  allows: {
    'a file that passes one thing on and builds another': {
      'kernel/log.ts': "export type { Logger } from 'pino'\nexport const level = 'info'",
    },
  },
  refuses: {
    'an index of its neighbours': {
      'kernel/index.ts': "export * from './clock.ts'\nexport { newId } from './ids.ts'",
    },
  },
})

proveRule(noCycles, {
  allows: {
    'two files that share only types': {
      'kernel/a.ts': "import { b } from './b.ts'\nexport const a = b",
      'kernel/b.ts': "import type { A } from './a.ts'\nexport const b = 1",
    },
  },
  refuses: {
    'three files in a ring': {
      'kernel/a.ts': "import { b } from './b.ts'",
      'kernel/b.ts': "import { c } from './c.ts'",
      'kernel/c.ts': "import { a } from './a.ts'",
    },
  },
})

const manifest = JSON.stringify({ dependencies: { pino: '1.0.0' } })

proveRule(productionWithoutTests, {
  allows: {
    'the kernel takes Node and a dependency': {
      'package.json': manifest,
      'kernel/log.ts': "import { pino } from 'pino'\nimport { join } from 'node:path'",
    },
  },
  refuses: {
    'the kernel takes a test kit': {
      'package.json': manifest,
      'kernel/log.ts': "import { capture } from '../test/kit/log.ts'",
    },
    'the gateway takes a package that is installed for tests only': {
      'package.json': manifest,
      'gateway/server.ts': "import { test } from 'vitest'",
    },
  },
})

proveRule(dependenciesAreUsed, {
  allows: {
    'what is asked for is imported': {
      'package.json': manifest,
      'kernel/log.ts': "import { pino } from 'pino'",
    },
  },
  refuses: {
    'what is asked for is imported nowhere': {
      'package.json': manifest,
      'kernel/log.ts': "import { join } from 'node:path'",
    },
  },
})
