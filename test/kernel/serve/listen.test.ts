import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { listen } from '#kernel/serve/listen.ts'

const HERE = { host: '127.0.0.1', port: 0 }

/** An answer that begins, and goes on when it is told to. */
function createStream() {
  let sink: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      sink = controller
      controller.enqueue(Buffer.from('first'))
    },
  })
  return {
    fetch: async () => new Response(body),
    end: () => {
      sink?.enqueue(Buffer.from(' last'))
      sink?.close()
    },
  }
}

async function open(url: string) {
  const request = get(url)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const closed = once(response, 'close').catch((failure: unknown) => failure)
  response.on('error', () => undefined)
  await once(response, 'data')
  return { text: () => text, closed }
}

test('an answer under way comes to its end before the door is closed', async () => {
  const stream = createStream()
  const door = await listen(stream.fetch, HERE)
  const asker = await open(door.url)
  const closed = door.close(10_000)
  const knock = () => fetch(door.url).then(({ status }) => status, String)
  await expect.poll(knock, { timeout: 5_000 }).toContain('fetch failed')
  stream.end()
  await closed
  await asker.closed
  expect(asker.text()).toBe('first last')
})

test('an answer that never ends is cut when the time is over', async () => {
  const stream = createStream()
  const door = await listen(stream.fetch, HERE)
  const asker = await open(door.url)
  const begun = performance.now()
  await door.close(100)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(90)
  await asker.closed
  expect(asker.text()).toBe('first')
})
