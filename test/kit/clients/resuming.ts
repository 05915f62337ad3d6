/** Last words of a stream that ask its client to come back, over HTTP; sockets have codes for them. */
export const COMES_BACK = /^(TOKEN_EXPIRED|TOKEN_REVOKED|SERVICE_DRAINING)$/

type Asked = { extensions?: Record<string, unknown> | null | undefined }
type Told = { extensions?: unknown }
type Sink<Result> = {
  next: (result: Result) => void
  error: (failure: unknown) => void
  complete: () => void
}
type Subscribe<Request, Result> = (request: Request, sink: Sink<Result>) => () => void

/**
 * The `subscribe` of a client that tries again by itself, so that each try begins after the last
 * event: clients of graphql-ws and graphql-sse write the request anew each time.
 */
export function resuming<Request extends Asked, Result extends Told>(
  subscribe: Subscribe<Request, Result>,
): Subscribe<Request, Result> {
  return (request, sink) => {
    const extensions: Record<string, unknown> = { ...request.extensions }
    return subscribe(
      { ...request, extensions },
      {
        next(result) {
          extensions.resume = cursorIn(result) ?? extensions.resume
          sink.next(result)
        },
        error: (failure) => sink.error(failure),
        complete: () => sink.complete(),
      },
    )
  }
}

function cursorIn({ extensions }: Told): unknown {
  return typeof extensions === 'object' && extensions && 'cursor' in extensions
    ? extensions.cursor
    : undefined
}
