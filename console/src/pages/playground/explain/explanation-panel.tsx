import { Anchor, Stack, Text, Title } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import type { AnswerError } from '../answer.ts'
import classes from '../playground.module.css'
import { CostView } from './cost-view.tsx'
import {
  type ActualCost,
  type ExplainedRight,
  type Explanation,
  needsInWords,
} from './explanation.ts'
import type { Explaining } from './use-explanation.ts'

export type ExplanationPanelProps = {
  explaining: Explaining
  /** Why nothing can be explained yet. */
  complaint: string | null
  /** Of the last run of this operation. */
  actual: ActualCost | null
}

/** What an operation costs and which rights it needs, before it runs. */
export function ExplanationPanel({ explaining, complaint, actual }: ExplanationPanelProps) {
  const { state, isOld } = explaining
  return (
    <Stack gap="sm" p="sm" aria-busy={isOld} data-explain={isOld ? 'old' : state.kind}>
      {complaint ? <Quiet>{complaint}</Quiet> : null}
      {!complaint && isOld ? <Quiet>Asking the platform what this needs …</Quiet> : null}
      {complaint ? null : <Known {...explaining} />}
      {actual ? <Actual cost={actual} /> : null}
    </Stack>
  )
}

function Known({ state, explainNow }: Explaining) {
  switch (state.kind) {
    case 'explained':
      return <Explained explanation={state.explanation} />
    case 'refused':
      return <Refused errors={state.errors} />
    case 'change':
      return (
        <Quiet>
          This is a change: what it costs and needs is asked when you press Run, before it happens.
          While you type nothing is sent.
        </Quiet>
      )
    case 'unknown':
      return <Quiet>This gateway does not tell costs and rights before an operation runs.</Quiet>
    case 'unreachable':
      return (
        <Text size="sm">
          The platform did not say what this needs.{' '}
          <Anchor component="button" type="button" size="sm" onClick={() => void explainNow()}>
            Ask again
          </Anchor>
        </Text>
      )
    default:
      return null
  }
}

function Quiet({ children }: { children: string }) {
  return (
    <Text size="sm" className="quiet" role="status" style={{ whiteSpace: 'pre-line' }}>
      {children}
    </Text>
  )
}

function Refused({ errors }: { errors: readonly AnswerError[] }) {
  return (
    <Stack gap="xs">
      <Verdict isGood={false}>It would be refused as it stands</Verdict>
      <ul className={classes.errors}>
        {errors.map((error, place) => (
          <li key={place}>
            {error.message} <code>{error.code}</code>
          </li>
        ))}
      </ul>
    </Stack>
  )
}

function Verdict({ isGood, children }: { isGood: boolean; children: string }) {
  const Icon = isGood ? IconCircleCheck : IconCircleX
  return (
    <p className={isGood ? classes.good : classes.bad}>
      <Icon size={20} aria-hidden />
      {children}
    </p>
  )
}

function Explained({ explanation }: { explanation: Explanation }) {
  const { isAllowed, rights, isWhole, cost, subgraphs, documentId } = explanation
  const sorted = [...rights].sort((one, other) => Number(one.isHeld) - Number(other.isHeld))
  const missing = rights.filter(({ isHeld }) => !isHeld).length
  return (
    <>
      <Verdict isGood={isAllowed && (cost?.isWithinBounds ?? true)}>
        {verdictOf(explanation)}
      </Verdict>
      {cost ? <CostView cost={cost} /> : null}
      <section aria-label="Rights">
        <Title order={3}>Rights</Title>
        <Text size="sm" className="quiet">
          {rightsInWords(rights.length, missing)}
        </Text>
        <ul className={classes.rights}>
          {sorted.map((right) => (
            <Right key={`${right.coordinate} ${right.paths.join(' ')}`} right={right} />
          ))}
        </ul>
        {isWhole ? null : <Quiet>There are more; only these are told.</Quiet>}
      </section>
      <Text size="sm" className="quiet">
        {subgraphs.length > 0
          ? `Parts of the platform that are asked: ${subgraphs.join(', ')}.`
          : 'No part of the platform is asked.'}
      </Text>
      <Text size="xs" className={classes.documentId} title="The name of exactly this text">
        {documentId}
      </Text>
    </>
  )
}

function rightsInWords(count: number, missing: number): string {
  if (count === 0) return 'It needs none.'
  if (missing === 0) return `All ${count} that it touches are held.`
  return `${missing} of ${count} are missing. What is missing is answered with null and an error.`
}

function verdictOf({ isAllowed, cost, subgraphs }: Explanation): string {
  if (cost && !cost.isWithinBounds) return 'It costs more than it may now'
  if (isAllowed) return 'It may run as it stands'
  return subgraphs.length === 0 ? 'All of it would be refused' : 'Parts of it would be refused'
}

function Right({ right }: { right: ExplainedRight }) {
  const { isHeld, coordinate, paths } = right
  const Icon = isHeld ? IconCircleCheck : IconCircleX
  const [first = 'the operation'] = paths
  return (
    <li data-held={isHeld}>
      <span className={isHeld ? classes.good : classes.bad}>
        <Icon size={16} aria-hidden />
        {isHeld ? 'Held' : 'Missing'}
      </span>
      <span>
        <strong>{needsInWords(right)}</strong>
        <span className="quiet" title={paths.join('\n')}>
          {`${coordinate ? `${coordinate}, ` : ''}at ${first}${paths.length > 1 ? ` and ${paths.length - 1} more` : ''}`}
        </span>
      </span>
    </li>
  )
}

function Actual({ cost: { actual, requested } }: { cost: ActualCost }) {
  return (
    <Text size="sm" data-actual-cost>
      {`When it ran last it cost ${actual.toLocaleString('en')} of the ${requested.toLocaleString('en')} points that were estimated.`}
    </Text>
  )
}
