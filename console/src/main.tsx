import '@fontsource-variable/inter/index.css'
import '@mantine/core/styles.css'
import './shell/base.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { gatewayFacts } from './gateway-facts.ts'
import { openSession } from './session/session.ts'

const place = document.getElementById('root')
if (!place) throw new Error('The page has no place for the console.')
// The scroll lock below dialogs (react-remove-scroll) writes a style rule, and looks here for its nonce.
Object.assign(globalThis, { __webpack_nonce__: gatewayFacts.nonce })
void openSession()
createRoot(place).render(<App />)
