import type { Reason, Tally } from '../gateway/engine/differential/compare.ts'
import type { Sweep } from '../gateway/engine/differential/sweep.ts'
import { type Page, sum, table } from './proof-page.ts'

type Explained = Exclude<Reason, 'unexplained'>

/** Why Apollo's executor answers otherwise, with the specification's words (GraphQL, October 2021). */
const EXPLANATIONS: Readonly<Record<Explained, string>> = {
  'order of keys':
    'The same data; Apollo orders keys as its planner merged the fragments. Ours is the order of graphql-js. 7.2.2: “the response map should be … ordered as … encountered during execution”, the order of `CollectFields` (6.3.2).',
  conditions:
    'Apollo’s planner leaves out an object of which nothing is asked under the conditions of the request, and a field that is not included takes its neighbours with it when it requires something. 6.3: an object whose grouped field set is empty is an empty map; 3.13.2: `@include` decides of its own field alone. Ours settles conditions before it plans.',
  'interface objects':
    'Apollo loses the type of an object that a subgraph knows by its interface alone. 6.4.3, `ResolveAbstractType`.',
  'all lost over one value':
    'One value of a wrong kind (a text for a list, a list for an object on a path) ends Apollo’s whole answer with `data: null`, or throws. 6.4.4: a field error nulls the field, and its parents only as far as they must not be null.',
  'a list for an object':
    'Apollo takes a list for an object without fields. 6.4.3, `CompleteValue`: what is not of the field’s type is a field error.',
  'the type of an object':
    'A subgraph gives a wrong `__typename`, or none, to an object whose type the schema states. Apollo nulls it. 6.4.3: only abstract types are resolved by the object; for an object type “let objectType be fieldType”.',
  numbers:
    'Apollo passes on whole numbers beyond 32 bits as `Int`, or fractions as `ID`. 3.5.1: “if the integer internal value represents a value less than -2³¹ or greater than or equal to 2³¹, a field error should be raised”; 3.5.5: an `ID` is a text or a whole number.',
  'without a fault too':
    'The two answer otherwise also when nothing goes wrong, where ours answers as graphql-js does: Apollo loses fields of a fragment on an object within a fragment on an interface, for one.',
  'other questions':
    'After a fault the two asked subgraphs different things, so that they met different faults: Apollo asks for entities whose key is null, for one.',
}

const of = (tally: Tally, name: string) => tally.get(name) ?? 0
const asked = (tally: Tally) =>
  sum([...tally].map(([name, times]) => (name.startsWith('asked') ? times : 0)))

/** How many operations were compared in which way, over all federations. */
export function totalsOf(sweeps: readonly Sweep[]) {
  const count = (read: (swept: Sweep) => number) => sum(sweeps.map(read))
  return {
    operations: count(({ clean }) => asked(clean)),
    withFaults: count(({ faulty }) => asked(faulty)),
    differences: count(({ differences }) => differences.length),
  }
}

function cleanTable(sweeps: readonly Sweep[]): string[] {
  const head = [
    'federation',
    'made up',
    'invalid',
    'reserved key',
    'asked',
    'not plannable',
    'some of it refused',
    '= graphql-js',
    '= Apollo',
    'differences',
  ]
  return table(
    head,
    sweeps.map(({ federation, made, clean, differences }) => [
      federation.name,
      made,
      of(clean, 'invalid'),
      of(clean, 'reserved'),
      asked(clean),
      of(clean, 'not plannable'),
      of(clean, 'with rights refused'),
      of(clean, 'equal to graphql-js'),
      federation.isForApollo ? of(clean, 'equal to Apollo') : '–',
      differences.length,
    ]),
  )
}

function deferredTable(sweeps: readonly Sweep[]): string[] {
  return table(
    ['federation', 'in parts', 'deferred: = in one piece', 'a part failed alone'],
    sweeps.map(({ federation, clean }) => [
      federation.name,
      of(clean, 'in parts'),
      of(clean, 'deferred: equal to one piece'),
      of(clean, 'a part failed alone'),
    ]),
  )
}

function faultyTable(sweeps: readonly Sweep[]): string[] {
  const head = [
    'federation',
    'asked',
    'conforming',
    '= Apollo',
    'same places of errors',
    'Apollo otherwise, explained',
    'unexplained',
  ]
  return table(
    head,
    sweeps.map(({ federation, faulty }) => [
      federation.name,
      asked(faulty),
      of(faulty, 'conforming'),
      of(faulty, 'equal to Apollo'),
      of(faulty, 'equal places of errors'),
      sum(Object.keys(EXPLANATIONS).map((reason) => of(faulty, `Apollo: ${reason}`))),
      of(faulty, 'Apollo: unexplained'),
    ]),
  )
}

function reasonsTable(sweeps: readonly Sweep[]): string[] {
  const count = (reason: string, read: (swept: Sweep) => Tally) =>
    sum(sweeps.map((swept) => of(read(swept), `Apollo: ${reason}`)))
  return table(
    ['Apollo answers otherwise', 'without faults', 'with faults', 'why'],
    Object.entries(EXPLANATIONS).map(([reason, why]) => [
      reason,
      count(reason, ({ clean }) => clean),
      count(reason, ({ faulty }) => faulty),
      why,
    ]),
  )
}

const INTRODUCTION = [
  'Federations of subgraphs that answer by hashes of what they are asked, so that equal questions have equal answers and',
  'graphql-js alone can answer every operation over one schema that has everything. Random operations (arguments written',
  'out and as variables, enums, lists, input objects, defaults, nulls, fragments of every kind, aliases that every object of',
  'JavaScript has, repeated and conditional fields, several operations in a document, mutations, subscriptions,',
  'introspection) are asked by people with random rights. Each answer of the interpreter is compared byte for byte with',
  'graphql-js, told by an independent oracle what must be null by the rules of access, and with Apollo’s executor where that',
  'can go. Then the same is asked while subgraphs go wrong: by a hash of the question one fails as a whole, answers null',
  'with an error or without, leaves fields out, gives values of other kinds, unknown types. Each of those answers must',
  'conform to the schema (graphql-js reads it back and finds the same, without an error) and is compared with Apollo’s.',
]

const NOTES = [
  '## Notes',
  '',
  '- *Not plannable*: the planner itself fails (“We should have an edge from Media for __typename”) on fragments of another',
  '  interface over an interface object; both executors answer OPERATION_NOT_PLANNABLE.',
  '- *Reserved key*: refused by the gateway, as an alias of a key or of a required field would put words of the client there.',
  '- *Places of errors*: data apart, the two name other places in these cases: a fetch that fails as a whole has a place in ours',
  '  (7.1.2: “if an error can be associated to a particular field … it must contain … `path`”) and none in Apollo’s; an entity in',
  '  several places has its error in each of them in ours, in one in Apollo’s, which also counts representations as if none had',
  '  been left out; a value that may not be null is an error of ours where nothing else explains the null.',
  '- Two `@requires` of one field with other arguments make the planner ask an invalid question; no federation here has them.',
  '- *In parts*: queries whose fragments are deferred at random; all parts together have to be the answer in one piece. Where',
  '  a part fails alone the answer in one piece may be null further up, so those are not compared.',
  '',
]

/** The page of the proof. */
export function differentialPage(sweeps: readonly Sweep[], cpuSeconds: number): Page {
  const { operations, withFaults, differences } = totalsOf(sweeps)
  return {
    name: 'differential',
    title: 'The interpreter beside graphql-js and Apollo’s executor',
    introduction: INTRODUCTION,
    body: [
      `**${operations} operations** without faults and **${withFaults}** times with faults, in ${Math.round(cpuSeconds)} s of CPU. Differences that are ours: **${differences}**.`,
      '',
      '## Without faults',
      '',
      ...cleanTable(sweeps),
      '## Deferred',
      '',
      ...deferredTable(sweeps),
      '## With faults',
      '',
      ...faultyTable(sweeps),
      '## Where Apollo’s executor answers otherwise',
      '',
      ...reasonsTable(sweeps),
      ...NOTES,
      '## The federations',
      '',
      ...sweeps.map(({ federation }) => `- ${federation.name}: ${federation.about}`),
      '',
    ],
  }
}
