/** The x of `matrix` x = `wanted`, by elimination with the largest pivot. The matrix is not changed. */
export function solve(matrix: readonly Float64Array[], wanted: Float64Array): Float64Array {
  const rows = matrix.map((line, at) => Float64Array.of(...line, wanted[at] ?? 0))
  for (let column = 0; column < rows.length; column++) {
    const pivot = pivotOf(rows, column)
    const lead = pivot[column] ?? 0
    if (lead === 0) throw new Error('The equations have no single solution.')
    for (const row of rows) {
      if (row !== pivot) subtract(row, pivot, (row[column] ?? 0) / lead)
    }
  }
  return Float64Array.from(rows, (row, at) => (row[rows.length] ?? 0) / (row[at] ?? 1))
}

/** Brings the row with the largest number in a column to its place on the diagonal. */
function pivotOf(rows: Float64Array[], column: number): Float64Array {
  let best = column
  for (let at = column; at < rows.length; at++) {
    if (sizeAt(rows, at, column) > sizeAt(rows, best, column)) best = at
  }
  const [pivot, displaced] = [rows[best], rows[column]]
  if (!pivot || !displaced) throw new Error('The matrix is not square.')
  rows[best] = displaced
  rows[column] = pivot
  return pivot
}

const sizeAt = (rows: readonly Float64Array[], at: number, column: number) =>
  Math.abs(rows[at]?.[column] ?? 0)

function subtract(row: Float64Array, pivot: Float64Array, factor: number): void {
  if (factor === 0) return
  row.forEach((value, at) => {
    row[at] = value - factor * (pivot[at] ?? 0)
  })
}
