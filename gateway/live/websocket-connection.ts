import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Client } from '#kernel/auth/client.ts'
import type { Identity } from '../access/who/identity.ts'
import type { Asking } from '../plugins/asking.ts'
import { Allowance } from './allowance.ts'
import { CLOSE } from './close-codes.ts'
import type { Reader } from './fan-out/reader.ts'
import type { LiveSettings } from './live-settings.ts'
import type { Frame } from './websocket-frame.ts'

/** One operation that runs on a connection: first its asking, then perhaps a stream. */
export type Running = { asking: Asking | null; reader: Reader | null; stop: () => void }

type Bounds = Pick<
  LiveSettings,
  'bufferedBytes' | 'messagesPerSecond' | 'operationsPerSecond' | 'pingsPerSecond'
>

/** Events wait in their stream, held once for all, while so much of a connection is unsent. */
const PAUSED_BYTES = 65_536
/** Longest wait for a closing that a slow reader may never read. */
const CLOSING_MS = 1000

/**
 * What the gateway knows of one socket. (A class because there may be tens of thousands: its methods
 * are no closures of each.)
 */
export class Connection {
  readonly socket: WebSocket
  /** As the upgrade request showed it. */
  readonly client: Client | null
  readonly #raw: Duplex
  readonly #bounds: Bounds
  /** Whether it introduced itself; `ready` once that was answered. */
  phase: 'new' | 'introducing' | 'ready' = 'new'
  identity: Identity | null = null
  /** Operations by their id on this connection. */
  readonly running = new Map<string, Running>()
  readonly messages: Allowance
  readonly operations: Allowance
  readonly pings: Allowance
  /** Answered the last ping, by the clock of `performance`; slow since then, or 0. */
  isAlive = true
  readonly openedAt = performance.now()
  slowSince = 0
  stopWatching: () => void = NOTHING

  constructor(
    socket: WebSocket,
    raw: Duplex,
    { client, bounds }: { client: Client | null; bounds: Bounds },
  ) {
    this.socket = socket
    this.#raw = raw
    this.client = client
    this.#bounds = bounds
    this.messages = new Allowance(bounds.messagesPerSecond)
    this.operations = new Allowance(bounds.operationsPerSecond)
    this.pings = new Allowance(bounds.pingsPerSecond)
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  /** Whether events had better wait; they are asked for again when the reader has caught up. */
  get isFull(): boolean {
    if (this.slowSince > 0) return true
    if (this.socket.bufferedAmount <= PAUSED_BYTES) return false
    this.slowSince = performance.now()
    this.#raw.once('drain', () => this.#caughtUp())
    return true
  }

  #caughtUp(): void {
    this.slowSince = 0
    for (const { reader } of [...this.running.values()]) reader?.wake()
  }

  /** Sends a message of the protocol; a reader that lets too much pile up is let go. */
  send(text: string): void {
    if (!this.isOpen) return
    if (this.socket.bufferedAmount > this.#bounds.bufferedBytes) this.letGo()
    else this.socket.send(text)
  }

  /**
   * Writes a frame that is ready. `ws` would make another of its content for each connection, and do
   * nothing more: compression is never agreed on, and nothing of it waits in between.
   */
  write(frame: Frame): void {
    if (frame.length > 1) this.#raw.cork()
    for (const piece of frame) this.#raw.write(piece)
    if (frame.length > 1) this.#raw.uncork()
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason)
  }

  /** Closes a connection that is not read, so that its client may come back and go on. */
  letGo(): void {
    if (!this.isOpen) return
    this.close(CLOSE.tryLater, 'Too slow')
    setTimeout(() => this.socket.terminate(), CLOSING_MS).unref()
  }

  /** Ends all that runs on it. */
  release(): void {
    this.stopWatching()
    for (const { stop } of [...this.running.values()]) stop()
    this.running.clear()
  }
}

const NOTHING = () => undefined
