import { Stack, Text } from '@mantine/core'
import { EmptyState } from '../../../parts/states.tsx'
import classes from './plan.module.css'
import {
  millisecondsText,
  type PlanNode,
  type ShownPlan,
  stepInWords,
  totalOf,
} from './shown-plan.ts'

/** The plan of the last answer as a tree with times. */
export function PlanView({ plan, hasAnswer }: { plan: ShownPlan | null; hasAnswer: boolean }) {
  if (plan === null) {
    return (
      <EmptyState title={hasAnswer ? 'No plan came with the answer' : 'No plan yet'}>
        {hasAnswer
          ? 'Plans are shown to who holds platform:observe, and to everybody where the operator switched them on. Subscriptions have none.'
          : 'Run a query or mutation: its plan comes with the answer, for who may see plans.'}
      </EmptyState>
    )
  }
  if (plan.node === null)
    return (
      <EmptyState title="No subgraph was needed">It was answered by the gateway alone.</EmptyState>
    )
  const total = totalOf(plan.node)
  return (
    <Stack gap="xs" p="sm">
      <Text size="sm">
        {plan.isRemembered === null
          ? ''
          : plan.isRemembered
            ? 'The plan was remembered. '
            : 'The plan was made for this request. '}
        {`Executed in ${millisecondsText(total)}.`}
      </Text>
      <ul className={classes.tree}>
        <Step node={plan.node} total={total} />
      </ul>
    </Stack>
  )
}

function Step({ node, total }: { node: PlanNode; total: number }) {
  const { nodes, operation } = node
  return (
    <li className={classes.step}>
      <details open={nodes.length > 0}>
        <summary>
          <Head node={node} total={total} />
        </summary>
        {nodes.length > 0 ? (
          <ul>
            {nodes.map((child, place) => (
              <Step key={place} node={child} total={total} />
            ))}
          </ul>
        ) : null}
        {operation ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
          <pre tabIndex={0}>{operation}</pre>
        ) : null}
      </details>
    </li>
  )
}

/** Its words say the same as its bar. */
function Head({ node, total }: { node: PlanNode; total: number }) {
  const { ms, startMs, code } = node
  return (
    <>
      <span>{stepInWords(node)}</span>
      <span className={classes.time}>
        {ms === null ? 'not executed here' : millisecondsText(ms)}
      </span>
      {code ? <strong className={classes.code}>{code}</strong> : null}
      {ms === null ? null : (
        <span className={classes.bar} aria-hidden>
          <span
            style={{
              marginInlineStart: `${Math.min(99, ((startMs ?? 0) / total) * 100)}%`,
              inlineSize: `${Math.max(1, Math.min(100, (ms / total) * 100))}%`,
            }}
          />
        </span>
      )}
    </>
  )
}
