import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The ways in which a text could lie in a file. */
function formsOf(marker: string): Buffer[] {
  const plain = Buffer.from(marker, 'utf8')
  return [
    plain,
    Buffer.from(marker.toUpperCase(), 'utf8'),
    Buffer.from(marker, 'utf16le'),
    Buffer.from(plain.toString('hex'), 'utf8'),
    // Base64 of a text inside a longer one has three alignments; its middle is enough to find it.
    ...[0, 1, 2].map((shift) => {
      const coded = Buffer.concat([Buffer.alloc(shift), plain]).toString('base64')
      return Buffer.from(coded.slice(4, -4), 'utf8')
    }),
  ]
}

export type Finding = { place: string; marker: string }

/** Where markers stand in some bytes. */
export function scanBytes(place: string, bytes: Buffer, markers: readonly string[]): Finding[] {
  return markers
    .filter((marker) => formsOf(marker).some((form) => bytes.includes(form)))
    .map((marker) => ({ place, marker }))
}

export type FolderScan = { files: number; bytes: number; findings: Finding[] }

/** Where markers stand in the files of a folder and below it. */
export async function scanFolder(folder: string, markers: readonly string[]): Promise<FolderScan> {
  const scan: FolderScan = { files: 0, bytes: 0, findings: [] }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((one) => one.isFile())) {
    const bytes = await readFile(join(entry.parentPath, entry.name))
    scan.files++
    scan.bytes += bytes.length
    scan.findings.push(...scanBytes(entry.name, bytes, markers))
  }
  return scan
}
