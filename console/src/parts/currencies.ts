/**
 * Decimal places of a currency's minor unit (ISO 4217, table A.1); two unless it stands here. Browsers
 * cannot be asked: they say how many are usual on paper, each in its own way.
 */
const DIGITS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

const DIGITS_OF: ReadonlyMap<string, number> = new Map(
  Object.entries(DIGITS).flatMap(([digits, codes]) =>
    codes.split(' ').map((code) => [code, Number(digits)] as const),
  ),
)

/** How many digits of an amount in minor units stand behind the point. */
export const minorDigits = (currency: string): number => DIGITS_OF.get(currency) ?? 2
