import { AppShell, Burger, Center, Group, Loader, Skeleton, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Outlet, useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'
import { gatewayFacts } from '../gateway-facts.ts'
import { SignInPage } from '../pages/sign-in/sign-in-page.tsx'
import { sessionState } from '../session/session.ts'
import { useStore } from '../store.ts'
import { AccountMenu } from './account-menu.tsx'
import { LiveBanner } from './live-banner.tsx'
import { LiveSign } from './live-sign.tsx'
import { Mark } from './mark.tsx'
import { Navigation } from './navigation.tsx'
import { PolicyNote } from './policy-note.tsx'
import { SchemeMenu } from './scheme.tsx'
import classes from './shell.module.css'
import { Unreachable } from './unreachable.tsx'

/** The frame around every page, or what stands in its place while nobody is signed in. */
export function Shell() {
  const state = useStore(sessionState)
  const { pathname } = useLocation()
  const isOpen = !gatewayFacts.hasPlatform || pathname.endsWith('/playground')
  if (state.kind === 'opening') return <Opening />
  if (state.kind === 'unreachable' && gatewayFacts.hasPlatform) return <Unreachable />
  if (state.kind === 'signed-out' && !isOpen) return <SignInPage because={state.because} />
  return <Frame isSignedIn={state.kind === 'signed-in'} />
}

function Frame({ isSignedIn }: { isSignedIn: boolean }) {
  const [isOpen, { toggle, close }] = useDisclosure(false)
  const { pathname } = useLocation()
  // Another page closes the menu.
  useEffect(close, [pathname])
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'sm', md: 'md' }}
    >
      <a className="skip-link" href="#page">
        To the page
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="sm" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? 'Close the menu' : 'Open the menu'}
            />
            <Mark />
          </Group>
          <Group gap="xs" wrap="nowrap">
            {isSignedIn ? <LiveSign /> : null}
            <SchemeMenu />
            {isSignedIn ? <AccountMenu /> : null}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar ?? ''} p="xs" data-open={isOpen}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1}>
        <PolicyNote />
        {isSignedIn ? <LiveBanner /> : null}
        <div className={classes.page}>
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  )
}

function Opening() {
  return (
    <Center mih="60vh" aria-busy="true">
      <Stack align="center" gap="sm">
        <Loader size="sm" aria-hidden />
        <Text size="sm" className="quiet" role="status">
          Opening the console …
        </Text>
        <Skeleton width={240} height={8} />
      </Stack>
    </Center>
  )
}
