/**
 * Bounds of an `LRUCache` of `most` entries that takes room as it fills. Its own `max` sets all of it aside
 * at once: 5 ms and some megabytes for 50,000, however few ever come.
 */
export const growingTo = (most: number) => ({ maxSize: most, sizeCalculation: () => 1 })
