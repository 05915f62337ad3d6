import { Page } from '../../parts/page.tsx'

export function OddsPage() {
  return <Page title="OddsPage">soon</Page>
}
