import { Page } from '../../parts/page.tsx'

export function BetsPage() {
  return <Page title="BetsPage">soon</Page>
}
