import { availableParallelism } from 'node:os'
import type { Engine, PlanRow } from './alterations-plan.ts'

/** One alteration, and what verification said first. */
export type Altered = {
  kind: string
  place: string
  found: string
  isFound: boolean
  isLocated: boolean
}

export type Chapter = {
  engine: Engine
  entries: number
  altered: readonly Altered[]
  /** Findings in the copy as it was, before and after all alterations. */
  findingsWithout: number
}

const count = <Item>(items: readonly Item[], is: (item: Item) => boolean) => items.filter(is).length

function kindLines(altered: readonly Altered[]): string[] {
  return [...Map.groupBy(altered, ({ kind }) => kind)].map(([kind, all]) => {
    const found = count(all, ({ isFound }) => isFound)
    const located = count(all, ({ isLocated }) => isLocated)
    const places = all.map(({ place }) => place).join(', ')
    const first = [...new Set(all.map((one) => one.found))].join('; ')
    return `| ${kind} | ${places} | ${all.length} | ${found} | ${located} | ${first} |`
  })
}

function chapterLines({ engine, entries, altered, findingsWithout }: Chapter): string[] {
  const found = count(altered, ({ isFound }) => isFound)
  const located = count(altered, ({ isLocated }) => isLocated)
  return [
    `## ${engine}`,
    '',
    `${altered.length} alterations of a copy of ${entries} entries: **found ${found} of ${altered.length}, located ${located} of ${altered.length}**.`,
    `Control, the copy without alteration, before and after: ${findingsWithout} findings.`,
    '',
    '| alteration | at entries | times | found | located | first said |',
    '|---|---|---|---|---|---|',
    ...kindLines(altered),
    '',
  ]
}

const planLine = ({ engine, owner, tables, columns, indexes, missing }: PlanRow) =>
  `| ${engine} | ${owner} | ${tables} | ${columns} | ${indexes} | ${missing.length} ${missing.join(', ')} |`

/** The page of the proof. */
export const alterationsPage = (
  {
    chapters,
    plan,
    strays,
  }: { chapters: readonly Chapter[]; plan: readonly PlanRow[]; strays: readonly string[] },
  command: string,
): string =>
  [
    '# An audit log altered behind the back, and the plan’s tables',
    '',
    'Written by `test/prove/alterations.prove.ts`; run it again with:',
    '',
    '```',
    command,
    '```',
    '',
    'Entries of three chains are appended through the inbox of compliance. The copy then loses its triggers and unique keys, and',
    'somebody with the database but without the operator’s key alters it: any column of an entry, rows deleted, doubled, swapped,',
    'put between, forged anew with hashes that fit, tails and whole chains made anew, heads set back, forward, away. After each',
    'alteration the chain is verified, its first finding held against the place and kind that the alteration names, and the copy put',
    'back as it was. *Located*: the first finding names the altered entry, and says what is wrong with it.',
    'A chain removed with its head is missed by no chain, but by the count of all entries. A log that was emptied, or cut and given',
    'its heads of former times, agrees with itself: there the heads that were written to a file before are compared.',
    '',
    ...chapters.flatMap(chapterLines),
    '## The plan’s SQL beside the migrations',
    '',
    'Each table that the plan makes (`CREATE TABLE`) or adds columns to (`ALTER TABLE`), with its columns and indexes, against the',
    'tables that the migrations make of an empty database. Analytics owns none of them.',
    '',
    '| engine | domain | tables of the plan | columns | indexes | missing |',
    '|---|---|---|---|---|---|',
    ...plan.filter(({ tables }) => tables > 0).map(planLine),
    '',
    `Tables of the plan without a domain: ${strays.length}.`,
    '',
    `Run on ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${availableParallelism()} cores.`,
    '',
  ].join('\n')
