import { expect, test } from 'vitest'
import { renderAuditActionsPage } from '../../scripts/pages/audit-actions-page.ts'
import { proveRule } from './kit/rule.ts'
import { actionsAreDeclared, actionsAreWritten } from './rules/audit-actions.ts'

/** An action made of a template. */
const TEMPLATE = 'f({ action: `bet.\u0024{change}` })'

const door = { 'subgraphs/ai/subgraph.ts': '' }
const declared = (...names: string[]) => ({
  'subgraphs/ai/audit-actions.ts': `export const AUDIT_ACTIONS = {
    ${names.map((name) => `'${name}': { when: 'Then.', details: [] },`).join('\n')} } as const`,
})
const world = (text: string, ...names: string[]) => ({
  ...door,
  ...declared(...names),
  'subgraphs/ai/services/models.ts': text,
})

proveRule(actionsAreDeclared, {
  allows: {
    'a text': world("record({ action: 'model.retire' })", 'model.retire'),
    'a choice': world("f({ action: is ? 'a.b' : 'c.d' })", 'a.b', 'c.d'),
    'a template': world(TEMPLATE, 'bet.cashed_out'),
    'another property': world("f({ kind: 'model.retire' })"),
  },
  refuses: {
    'a text that is not declared': world("f({ action: 'model.retire' })", 'model.register'),
    'the other end of a choice': world("f({ action: is ? 'a.b' : 'c.d' })", 'a.b'),
    'a template of nothing': world(TEMPLATE, 'better.off'),
  },
})

proveRule(actionsAreWritten, {
  allows: {
    'a text in a call': world("record(tx, key, 'api-key.created')", 'api-key.created'),
    'a template': world(TEMPLATE, 'bet.placed'),
  },
  refuses: { 'an action of former times': world("f({ action: 'a.b' })", 'a.b', 'a.c') },
})

test('a new action changes the page, sorted', () => {
  const actions = {
    'b.done': { when: 'It was.', details: [] },
    'a.done': { when: 'It is.', details: ['userId', 'count'] },
  }
  expect(renderAuditActionsPage([{ domain: 'subgraphs/ai', actions }])).toContain(
    '| `a.done` | It is. | `userId`, `count` |\n| `b.done` | It was. | – |\n',
  )
})
