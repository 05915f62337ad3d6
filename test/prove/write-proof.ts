import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'

export type Proof = {
  /** Name of the file below docs/proofs. */
  name: string
  title: string
  /** What was done, in a few sentences. */
  what: string
  /** Rows of one table; the keys of the first are its head. */
  rows: readonly Readonly<Record<string, string | number>>[]
}

const FOLDER = new URL('../../docs/proofs/', import.meta.url)

/** Writes what a long proof found, with the command that finds it again. */
export async function writeProof({ name, title, what, rows }: Proof): Promise<void> {
  const head = Object.keys(rows[0] ?? {})
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const text = [
    `# ${title}`,
    '',
    what,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map((row) => line(head.map((key) => row[key] ?? ''))),
    '',
    `Run on ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} cores: \`npm run prove -- ${name}\``,
    '',
  ].join('\n')
  await mkdir(FOLDER, { recursive: true })
  await writeFile(new URL(`${name}.md`, FOLDER), text)
}
