import { rm } from 'node:fs/promises'
import { startPlatform, type TestPlatform } from '../../kit/platform.ts'
import { startTcpProxy, type TcpProxy } from '../../kit/tcp-proxy.ts'

/** A platform that a browser reaches by a way that a test can break, at an origin that outlives restarts. */
export type ConsolePlatform = AsyncDisposable & {
  readonly platform: TestPlatform
  proxy: TcpProxy
  origin: string
  /** Stops the platform and starts another on the same data, at the same origin. */
  restart: () => Promise<void>
}

/** Starts the platform with the console before it. */
export async function startConsolePlatform(
  env: Record<string, string> = {},
): Promise<ConsolePlatform> {
  const first = await startPlatform({ env })
  const portOf = ({ url }: TestPlatform) => Number(new URL(url).port)
  const proxy = await startTcpProxy(portOf(first))
  let platform = first
  const restart = async () => {
    await platform.local.close()
    platform = await startPlatform({ env, dataDir: first.dataDir })
    proxy.target = portOf(platform)
  }
  return {
    get platform() {
      return platform
    },
    proxy,
    origin: `http://127.0.0.1:${proxy.port}`,
    restart,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await platform.local.close()
      await rm(first.dataDir, { recursive: true, force: true })
    },
  }
}

/** Subscriptions that the gateway holds over WebSockets. */
export async function openSubscriptions(origin: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text()
  return Number(/^dbsbm_gateway_subscriptions\{channel="websocket"\} (\d+)$/m.exec(text)?.[1] ?? 0)
}
