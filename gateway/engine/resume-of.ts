type Extensions = Readonly<Record<string, unknown>>

/** A cursor of an asker who would rather begin anew than be refused; never made of outside data. */
class ResumeOrLive {
  readonly after: unknown
  constructor(after: unknown) {
    this.after = after
  }
}

/** Where an asker wants a live feed to go on, as it was given; null for what comes from now on. */
export function resumeOf(
  extensions: Extensions | null | undefined,
  lastEventId: string | null = null,
): unknown {
  const after = lastEventId ?? extensions?.resume ?? null
  return after !== null && extensions?.orLive === true ? new ResumeOrLive(after) : after
}

/** The same in the words in which a subgraph is asked. */
export function resumeExtensions(resume: unknown): { extensions?: Record<string, unknown> } {
  if (resume === null) return {}
  if (!(resume instanceof ResumeOrLive)) return { extensions: { resume } }
  return { extensions: { resume: resume.after, orLive: true } }
}
