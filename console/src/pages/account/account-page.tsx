import { usePages } from '../../api/use-pages.ts'
import { ConsoleOwnSessionsDocument } from '../../gql/documents.ts'
import { Page } from '../../parts/page.tsx'
import classes from './account.module.css'
import { IdentitySection } from './identity-section.tsx'
import { PasswordSection } from './password-section.tsx'
import { RightsSection } from './rights-section.tsx'
import { SessionsSection } from './sessions-section.tsx'
import { ThemeSection } from './theme-section.tsx'

const PAGE_SIZE = 50

/** Who is signed in, what they may, and where else they are signed in. */
export function AccountPage() {
  const sessions = usePages({
    document: ConsoleOwnSessionsDocument,
    variables: { first: PAGE_SIZE },
    connectionIn: (data) => data.sessions,
  })
  return (
    <Page title="Account" lead="Who you are here, what you may do, and where you are signed in.">
      <div className={classes.grid}>
        <IdentitySection />
        <ThemeSection />
        <SessionsSection pages={sessions} />
        <RightsSection />
        <PasswordSection />
      </div>
    </Page>
  )
}
