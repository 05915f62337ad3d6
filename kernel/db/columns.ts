import { type EntityProperty, type Platform, p, Type } from '@mikro-orm/core'
import { SqlitePlatform } from '@mikro-orm/sql'
import { isDecimalId } from '../ids.ts'
import { databaseError } from './errors.ts'

/** A positive BIGINT as text: `integer` on SQLite (so that it can be the row id), `bigint` elsewhere. */
export class IdType extends Type<string, string | number> {
  override convertToDatabaseValue(value: string): string {
    if (value != null && !isDecimalId(String(value))) throw databaseError('ID_INVALID')
    return value
  }

  override convertToJSValue(value: string | number): string {
    return value == null ? (value as unknown as string) : String(value)
  }

  override getColumnType(_property: EntityProperty, platform: Platform): string {
    return platform instanceof SqlitePlatform ? 'integer' : 'bigint'
  }

  override compareAsType(): string {
    return 'string'
  }

  override get runtimeType(): string {
    return 'string'
  }

  override toJSON(value: string): string {
    return value
  }

  override fromJSON(value: unknown): string {
    if (!isDecimalId(value)) throw databaseError('ID_INVALID')
    return value
  }
}

/** `id BIGINT AUTO_INCREMENT PRIMARY KEY`. */
export const idColumn = () =>
  p.type(IdType).$type<string>().primary().autoincrement().unsigned(false)

/** A BIGINT that names a row of this or another subgraph. */
export const refColumn = () => p.type(IdType).$type<string>().unsigned(false)

/** A point in time, UTC, milliseconds. */
export const timeColumn = () => p.datetime(3)

/** A BIGINT quantity, exact. Its default, if any, is set by `onCreate`: databases print it differently. */
export const bigColumn = () => p.bigint('bigint').unsigned(false)
