import { Alert, Button, Code, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconLock, IconMoodEmpty } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Problem } from '../api/problem.ts'

/** Nothing is there, and what to do about it. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string
  children: ReactNode
  action?: ReactNode
}) {
  return (
    <Stack align="center" gap="xs" py="xl" px="sm" ta="center" data-state="empty">
      <IconMoodEmpty size={32} stroke={1.25} className="quiet" aria-hidden />
      <Title order={3}>{title}</Title>
      <Text size="sm" className="quiet" maw={440}>
        {children}
      </Text>
      {action}
    </Stack>
  )
}

/** What went wrong, and what to do now. `onRetry` stands where trying again may help. */
export function ProblemNote({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      title={problem.title}
      icon={<IconAlertTriangle aria-hidden />}
      data-state="problem"
      data-code={problem.code}
    >
      <Stack gap="xs" align="start">
        <Text size="sm">
          {problem.text} {problem.advice}
        </Text>
        <Group gap="xs">
          <Code>{problem.code}</Code>
          {problem.requestId ? <Code>{`request ${problem.requestId}`}</Code> : null}
        </Group>
        {onRetry ? (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        ) : null}
      </Stack>
    </Alert>
  )
}

/** In place of a page that may not be seen; names the rights that are missing. */
export function ForbiddenState({ what, needs }: { what: string; needs: readonly string[] }) {
  return (
    <Stack align="center" gap="xs" py="xl" px="sm" ta="center" data-state="forbidden" role="status">
      <IconLock size={32} stroke={1.25} className="quiet" aria-hidden />
      <Title order={2}>{`You may not see ${what}`}</Title>
      <Text size="sm" className="quiet" maw={480}>
        {needs.length === 1 ? 'It needs the right ' : 'It needs the rights '}
        {needs.map((scope, index) => (
          <span key={scope}>
            {index > 0 ? ' and ' : null}
            <Code>{scope}</Code>
          </span>
        ))}
        , which you do not hold here. Whoever runs your tenant can give it to you; this page appears
        as soon as you have it and your session is renewed.
      </Text>
    </Stack>
  )
}

/** Stands where rows will be, as many and as high. */
export function SkeletonRows({ rows = 8, height = 48 }: { rows?: number; height?: number }) {
  const places = Array.from({ length: rows }, (_, place) => place)
  return (
    <div aria-busy="true" data-state="loading">
      <span className="visually-hidden">Loading …</span>
      <Stack gap="xs">
        {places.map((place) => (
          <Skeleton key={place} height={height} radius={8} />
        ))}
      </Stack>
    </div>
  )
}
