import { Alert, Text } from '@mantine/core'
import { IconShieldX } from '@tabler/icons-react'
import { createStore, useStore } from '../store.ts'

const blocked = createStore<string | null>(null)

/** What tried to run or load and was not part of the console: an extension, or an attack. */
addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
  blocked.set(`${effectiveDirective}: ${blockedURI || 'inline'}`.slice(0, 200))
})

/** Says that the content security policy stopped something, so that nobody wonders what is missing. */
export function PolicyNote() {
  const what = useStore(blocked)
  if (what === null) return null
  return (
    <Alert
      mb="sm"
      color="yellow"
      variant="light"
      icon={<IconShieldX aria-hidden />}
      title="Something foreign was stopped on this page"
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={() => blocked.set(null)}
      data-state="policy"
    >
      <Text size="sm">
        {`A script, style or request that is not part of the console was blocked (${what}). Usually it is a browser extension. Your data was not sent anywhere. If you have no extension, tell the operator.`}
      </Text>
    </Alert>
  )
}
