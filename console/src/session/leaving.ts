/** Under this name every tab of the browser sees that somebody left. */
const KEY = 'dbsbm:leaving'

/** Where storage is switched off or full, this tab at least remembers. */
let isMarkedHere = false

/** @returns null where there is no storage */
function inStorage<Result>(work: (storage: Storage) => Result): { result: Result } | null {
  try {
    return { result: work(localStorage) }
  } catch (failure) {
    if (!(failure instanceof DOMException)) throw failure
    return null
  }
}

/** Somebody signed out, and the platform has not heard of it yet. */
export const isLeaving = (): boolean =>
  isMarkedHere || inStorage((storage) => storage.getItem(KEY) !== null)?.result === true

/** Remembers it, also for whoever loads the page next. */
export function markLeaving(): void {
  if (!inStorage((storage) => storage.setItem(KEY, 'yes'))) isMarkedHere = true
}

/** The platform has heard. */
export function clearLeaving(): void {
  isMarkedHere = false
  inStorage((storage) => storage.removeItem(KEY))
}
