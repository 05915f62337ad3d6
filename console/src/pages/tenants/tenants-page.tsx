import { Page } from '../../parts/page.tsx'

export function TenantsPage() {
  return <Page title="TenantsPage">soon</Page>
}
