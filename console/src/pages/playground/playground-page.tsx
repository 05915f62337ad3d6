import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Page } from '../../parts/page.tsx'
import { CredentialPicker } from './credential-picker.tsx'
import { EXAMPLES } from './examples.ts'
import type { PlaygroundSearch } from './playground-search.ts'
import { openExample } from './tabs.ts'
import { Workbench } from './workbench.tsx'

/** An address may name an example; once it is open the address says so no more. */
function useExampleOfAddress(): void {
  const { example: name } = useSearch({ from: '/playground' })
  const navigate = useNavigate()
  useEffect(() => {
    if (!name) return
    const example = EXAMPLES.find((known) => known.name === name)
    if (example) openExample(example)
    void navigate({
      to: '/playground',
      search: ({ example: _opened, ...rest }: PlaygroundSearch) => rest,
      replace: true,
    })
  }, [name])
}

/** Where operations are tried: written, looked at, run, and taken along as code. */
export function PlaygroundPage() {
  useExampleOfAddress()
  return (
    <Page title="Playground" actions={<CredentialPicker />}>
      <Workbench />
    </Page>
  )
}
