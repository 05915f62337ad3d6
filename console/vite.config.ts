import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'

/** For work on the console: `CONSOLE_GATEWAY=http://127.0.0.1:4000 npx vite console`. */
const { CONSOLE_GATEWAY: gateway = 'http://127.0.0.1:4000' } = loadEnv(
  '',
  import.meta.dirname,
  'CONSOLE_',
)

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // Data URLs would need a wider policy than `'self'`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        // What nearly every page needs comes in one file: two dozen small ones wait for each other.
        codeSplitting: { groups: [{ name: 'base', minShareCount: 8 }] },
      },
    },
  },
  server: { proxy: { '/graphql': { target: gateway, ws: true }, '/console/session': gateway } },
})
