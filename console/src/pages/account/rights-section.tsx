import { Button, Collapse, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useSession } from '../../session/rights.ts'
import { scopeGroups } from '../keys/scope-picker.tsx'
import classes from './account.module.css'
import { Section } from './section.tsx'

/** What may be done in this session, by what it is about. */
export function RightsSection() {
  const { scopes } = useSession()
  const [isOpen, { toggle }] = useDisclosure(false)
  const groups = scopeGroups(scopes)
  return (
    <Section
      title="Rights"
      lead={`${scopes.length} rights, about ${groups.length} things. They hold where you are signed in.`}
    >
      {scopes.length === 0 ? (
        <Text size="sm">
          You hold no rights here. Whoever runs your tenant can give you a role; sign in again then.
        </Text>
      ) : (
        <>
          <Button
            variant="default"
            onClick={toggle}
            aria-expanded={isOpen}
            style={{ alignSelf: 'start' }}
          >
            {isOpen ? 'Hide the rights' : 'Show the rights'}
          </Button>
          <Collapse expanded={isOpen}>
            <ul className={classes.rights}>
              {groups.map(({ resource, scopes: held }) => (
                <li key={resource}>
                  <strong>{resource}</strong>
                  <span>{held.map((scope) => scope.slice(resource.length + 1)).join(', ')}</span>
                </li>
              ))}
            </ul>
          </Collapse>
        </>
      )}
    </Section>
  )
}
