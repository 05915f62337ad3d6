/**
 * Loaded before a program (`--import`), it sets the program's clock apart from the machine's by the
 * milliseconds of TEST_CLOCK_AHEAD_MS: what `Date` says of now; timers run as ever.
 */
const aheadMs = Number(process.env.TEST_CLOCK_AHEAD_MS)
const now = Date.now
Date.now = () => now() + aheadMs
globalThis.Date = new Proxy(Date, {
  construct: (RealDate, words, called) =>
    Reflect.construct(RealDate, words.length === 0 ? [RealDate.now()] : words, called),
})
