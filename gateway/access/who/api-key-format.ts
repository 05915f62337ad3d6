import { crc32 } from 'node:zlib'

const API_KEY = /^(dsk_[a-z]{2,10}_[0-9A-Za-z]{10}_[0-9A-Za-z]{32})_([0-9A-Za-z]{6})$/
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CHECKSUM_LENGTH = 6

/** CRC-32 (IEEE) of the text before the last underscore, in base62, six characters. */
export function apiKeyChecksum(text: string): string {
  let rest = crc32(text)
  let checksum = ''
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    checksum = BASE62.charAt(rest % 62) + checksum
    rest = Math.floor(rest / 62)
  }
  return checksum
}

/** True for a key that may exist: `dsk_<env>_<id10>_<secret32>_<crc6>` with a checksum that fits. */
export function isWellFormedApiKey(text: string): boolean {
  const [, body = '', checksum = ''] = API_KEY.exec(text) ?? []
  return checksum !== '' && apiKeyChecksum(body) === checksum
}
