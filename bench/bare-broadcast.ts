import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

/**
 * What is left of a live gateway when nothing is done but to send: takes subscriptions of
 * graphql-transport-ws without looking at them, and sends one prepared message to all at `GET /fire`.
 */
const EVENT = Buffer.from(
  JSON.stringify({
    id: randomUUID(),
    type: 'next',
    payload: { data: { odds: { id: '1', price: 2100, fixture: { id: '7', home: 'Arsenal' } } } },
  }),
)
const subscribed = new Set<WebSocket>()
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

const server = createServer((request, response) => {
  if (request.url === '/fire')
    for (const socket of subscribed) socket.send(EVENT, { binary: false })
  response.end(String(subscribed.size))
})
server.on('upgrade', (request, raw, head) => {
  sockets.handleUpgrade(request, raw, head, (socket) => {
    socket.on('message', (message) => {
      if (String(message).includes('connection_init')) socket.send('{"type":"connection_ack"}')
      else subscribed.add(socket)
    })
    socket.on('close', () => subscribed.delete(socket))
  })
})
server.listen(Number(process.env.PORT), '127.0.0.1')
