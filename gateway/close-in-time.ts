import type { GatewayConfig } from '#kernel/config.ts'
import { STOP_MS, stopInTime } from '#kernel/serve/stop-in-time.ts'
import type { Gateway } from './server.ts'

/** How long a gateway may take from the word that it should stop to its end. */
export const longestCloseMs = ({ noticeMs, drainMs }: GatewayConfig): number =>
  noticeMs + drainMs + STOP_MS

/** Gives notice, drains and closes, within the bounds set. @throws STOP_TIMED_OUT */
export const closeInTime = (gateway: Gateway, config: GatewayConfig): Promise<void> =>
  stopInTime({ part: 'gateway', withinMs: longestCloseMs(config) }, gateway.close)
