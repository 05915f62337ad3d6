import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'

export type Cell = string | number

/** A table in Markdown, as lines. */
export const table = (head: readonly Cell[], rows: readonly (readonly Cell[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `| ${head.map(() => '---').join(' | ')} |`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
  '',
]

/** On what it was run. */
export const ranOn = (): string =>
  `Run on ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${availableParallelism()} cores with a load average of ${(loadavg()[0] ?? 0).toFixed(1)} (other work included).`

/** The sum of numbers. */
export const sum = (numbers: Iterable<number>): number =>
  [...numbers].reduce((total, one) => total + one, 0)

/** Milliseconds as seconds with one decimal; `–` for none. */
export const seconds = (milliseconds: number | null): string =>
  milliseconds === null ? '–' : (milliseconds / 1_000).toFixed(1)

/** How often what, in words; `–` for nothing. */
export const words = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([what, times]) => `${times} × ${what}`).join(', ') || '–'

export type Page = {
  /** Name of the file below docs/proofs, and of the proof. */
  name: string
  title: string
  introduction: readonly string[]
  body: readonly string[]
}

const FOLDER = new URL('../../docs/proofs/', import.meta.url)

/** Writes what a proof found, with the command that finds it again. */
export async function writePage({ name, title, introduction, body }: Page): Promise<void> {
  const text = [
    `# ${title}`,
    '',
    `Written by \`test/prove/${name}.prove.ts\`; run it again with:`,
    '',
    '```',
    `npm run prove -- ${name}`,
    '```',
    '',
    ...introduction,
    '',
    ...body,
    ranOn(),
    '',
  ].join('\n')
  await mkdir(FOLDER, { recursive: true })
  await writeFile(new URL(`${name}.md`, FOLDER), text)
}
