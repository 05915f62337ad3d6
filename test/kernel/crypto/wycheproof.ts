import { existsSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../../../shared/data/identity/wycheproof/', import.meta.url)

/** One group of Wycheproof vectors: parameters, and tests whose bytes are hexadecimal. */
export type VectorGroup = {
  keySize: number
  ivSize?: number
  tagSize?: number
  tests: VectorTest[]
}

export type VectorTest = {
  tcId: number
  comment: string
  result: 'valid' | 'invalid' | 'acceptable'
} & Record<string, string | number>

/** Vectors of Project Wycheproof that stand beside the repository; says so when they are missing. */
export function readVectors(file: string): VectorGroup[] {
  const url = new URL(file, FOLDER)
  if (!existsSync(url))
    throw new Error(`Test data is missing: ../shared/data/identity/wycheproof/${file}`)
  return JSON.parse(readFileSync(url, 'utf8')).testGroups
}

/** Bytes of a hexadecimal field. */
export const bytesOf = (test: VectorTest, field: string): Buffer =>
  Buffer.from(String(test[field]), 'hex')
