import { proveRule } from './kit/rule.ts'
import {
  codesAreTested,
  codesAreThrown,
  codesAreUnique,
  thrownCodesAreDeclared,
} from './rules/errors.ts'

const catalogue = "export const gatewayError = defineErrors({ BODY_TOO_LARGE: 'Send less.' })"
const world = (text: string) => ({ 'gateway/errors.ts': catalogue, 'gateway/server.ts': text })

proveRule(codesAreUnique, {
  allows: { 'one catalogue': world('') },
  refuses: {
    'the same code in a second catalogue': {
      'gateway/errors.ts': catalogue,
      'subgraphs/identity/errors.ts': catalogue.replace('gateway', 'identity'),
    },
    'a code in small letters': { 'gateway/errors.ts': catalogue.replace('BODY_TOO', 'body_too') },
  },
})

proveRule(codesAreThrown, {
  allows: {
    'a code that is thrown': world("throw gatewayError('BODY_TOO_LARGE')"),
    'a code that stands in a table': world("const REASONS = { size: 'BODY_TOO_LARGE' }"),
  },
  refuses: {
    'a code that only its catalogue knows': world("throw gatewayError('OTHER_CODE')"),
    'a code that only a comment knows': world('// BODY_TOO_LARGE'),
  },
})

proveRule(thrownCodesAreDeclared, {
  allows: { 'a declared code': world("throw gatewayError('BODY_TOO_LARGE', {})") },
  refuses: {
    'a code of no catalogue': world("throw gatewayError('BODY_TOO_LONG')"),
    'a code of another catalogue': world("throw identityError('BODY_TOO_LARGE')"),
  },
})

proveRule(codesAreTested, {
  allows: {
    'a code that a test expects': {
      ...world(''),
      'test/gateway/limits.test.ts': "expect(code).toBe('BODY_TOO_LARGE')",
    },
  },
  refuses: {
    'a code that no test names': { ...world(''), 'test/gateway/limits.test.ts': '' },
    'a code that only this folder names': {
      ...world(''),
      'test/arch/errors.test.ts': "'BODY_TOO_LARGE'",
    },
  },
})
