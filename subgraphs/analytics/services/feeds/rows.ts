import { basename } from 'node:path'
import { parse } from 'csv-parse/sync'
import { isDomainError } from '#kernel/errors.ts'
import { analyticsError } from '../../errors.ts'
import type { FeedRejected } from './feed.ts'
import { type FeedFile, type FileLine, readLines } from './lines.ts'
import type { ValueReader } from './values.ts'

/** One row of a file with named cells. */
export type Row<Column extends string> = {
  readonly line: number
  /** The cell's value. @throws FEED_ROW_INVALID when the reader finds none. */
  take: <Value>(column: Column, read: ValueReader<Value>) => Value
  /** The same, but null for an empty cell. */
  maybe: <Value>(column: Column, read: ValueReader<Value>) => Value | null
}

export type RowFile<Column extends string> = FeedFile & { readonly columns: readonly Column[] }

export type BrokenRow = { readonly line: number; readonly reason: string }

/** What a file holds: the rows that could be read, and those that could not, each in the file's order. */
export type FileContent<Item> = {
  readonly items: readonly Item[]
  readonly broken: readonly BrokenRow[]
}

/** A row's fault. `reason` is a column's name, or "length", "encoding", "quotes", "columns", "duplicate". */
export function rowInvalid(line: number, reason: string) {
  return analyticsError('FEED_ROW_INVALID', { line, reason })
}

/**
 * Reads a CSV file (RFC 4180, but a row is one line: a quote left open spoils its own line only).
 * `read` turns a row into an item, or null for a row that is not asked for.
 * @throws FEED_FILE_INVALID without the columns, and as readLines
 */
export async function readRows<Column extends string, Item>(
  file: RowFile<Column>,
  read: (row: Row<Column>) => Item | null,
): Promise<FileContent<Item>> {
  const items: Item[] = []
  const broken: BrokenRow[] = []
  let header: Header<Column> | null = null
  for await (const line of readLines(file)) {
    if (!header) {
      header = readHeader(line, file)
      continue
    }
    try {
      const item = isBlank(line) ? null : read(rowOf(line, header))
      if (item !== null) items.push(item)
    } catch (failure) {
      broken.push({ line: line.number, reason: reasonOf(failure) })
    }
  }
  if (!header) throw analyticsError('FEED_FILE_INVALID', { file: basename(file.path) })
  return { items, broken }
}

/** The events that tell of a file's broken rows. */
export function rejections(source: string, broken: readonly BrokenRow[]): FeedRejected[] {
  return broken.map(({ line, reason }) => ({
    kind: 'rejected',
    source,
    code: 'FEED_ROW_INVALID',
    line,
    reason,
    at: null,
  }))
}

type Header<Column> = { readonly width: number; readonly places: ReadonlyMap<Column, number> }

function readHeader<Column extends string>(
  line: FileLine,
  { columns, path }: RowFile<Column>,
): Header<Column> {
  const file = basename(path)
  const names = headerCells(line, file).map((name) => name.trim())
  const missing = columns.filter((column) => !names.includes(column))
  const isRepeated = columns.some((column) => names.indexOf(column) !== names.lastIndexOf(column))
  if (missing.length > 0 || isRepeated) throw analyticsError('FEED_FILE_INVALID', { file, missing })
  return {
    width: names.length,
    places: new Map(columns.map((column) => [column, names.indexOf(column)])),
  }
}

function headerCells(line: FileLine, file: string): string[] {
  try {
    return cellsOf(line)
  } catch (failure) {
    throw analyticsError('FEED_FILE_INVALID', { file }, { cause: failure })
  }
}

function rowOf<Column extends string>(line: FileLine, header: Header<Column>): Row<Column> {
  const cells = cellsOf(line)
  if (cells.length !== header.width) throw rowInvalid(line.number, 'columns')
  const cell = (column: Column) => cells[header.places.get(column) ?? -1] ?? ''
  const take = <Value>(column: Column, read: ValueReader<Value>): Value => {
    const value = read(cell(column))
    if (value === null) throw rowInvalid(line.number, column)
    return value
  }
  return {
    line: line.number,
    take,
    maybe: (column, read) => (cell(column) === '' ? null : take(column, read)),
  }
}

/** @throws FEED_ROW_INVALID for a line that is too long, not UTF-8, or badly quoted */
function cellsOf({ number, bytes }: FileLine): string[] {
  if (!bytes) throw rowInvalid(number, 'length')
  const text = decode(number, bytes)
  // nearly every line has no quote, and splitting it is twenty times faster than a parser
  if (!text.includes('"')) return text.split(',')
  try {
    const [cells] = parse(text, { relax_column_count: true }) as string[][]
    return cells ?? []
  } catch (failure) {
    throw analyticsError('FEED_ROW_INVALID', { line: number, reason: 'quotes' }, { cause: failure })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A byte order mark is dropped by the decoder, a carriage return here. */
function decode(number: number, bytes: Buffer): string {
  try {
    const text = utf8.decode(bytes)
    return text.endsWith('\r') ? text.slice(0, -1) : text
  } catch (failure) {
    throw analyticsError(
      'FEED_ROW_INVALID',
      { line: number, reason: 'encoding' },
      { cause: failure },
    )
  }
}

function isBlank({ bytes }: FileLine): boolean {
  return bytes !== null && (bytes.length === 0 || (bytes.length === 1 && bytes[0] === 0x0d))
}

function reasonOf(failure: unknown): string {
  if (isDomainError(failure, 'FEED_ROW_INVALID')) return String(failure.extensions.reason)
  throw failure
}
