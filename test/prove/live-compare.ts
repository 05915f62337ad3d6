import { type Finding, finding, surplus } from './books-findings.ts'

/** What one subscriber saw, and what the table holds for it, both in order. */
export type Compared = { name: string; stored: readonly string[]; seen: readonly string[] }

/** Whether each subscriber saw everything, once, in order; `what` names the events. */
export function compareSeen(what: string, compared: readonly Compared[]): Finding[] {
  const held = compared.map(({ name, stored, seen }) => {
    const prefixed = (texts: readonly string[]) => texts.map((text) => `${name}: ${text}`)
    return {
      missed: prefixed(surplus(stored, seen)),
      doubled: prefixed(surplus(seen, stored)),
      disordered: stored.join() === seen.join() ? [] : [name],
    }
  })
  return [
    finding(
      `${what} that their subscriber missed`,
      held.flatMap(({ missed }) => missed),
    ),
    finding(
      `${what} that their subscriber saw twice, or that never were`,
      held.flatMap(({ doubled }) => doubled),
    ),
    finding(
      `subscribers that saw another order of ${what}`,
      held.flatMap(({ disordered }) => disordered),
    ),
  ]
}
