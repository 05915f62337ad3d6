/** What happened, as a person says it; codes that are not here speak for themselves. */
const WORDS: Readonly<Record<string, string>> = {
  'sign-in.succeeded': 'Signed in',
  'sign-in.refused': 'Sign-in refused',
  'refresh.reused': 'Refresh token used twice',
  'session.signed-out': 'Signed out',
  'session.revoked': 'Session ended by someone',
  'sessions.revoked': 'All sessions ended',
  'password.first-set': 'First password given',
  'password.changed': 'Password changed',
  'password.refused': 'Password change refused',
  'user.created': 'Account made',
  'user.suspended': 'Account suspended',
  'user.restored': 'Account restored',
  'role.created': 'Role made',
  'role.changed': 'Role changed',
  'role.granted': 'Role given',
  'role.revoked': 'Role taken back',
  'member.added': 'Joined a guild',
  'member.removed': 'Left a guild',
  'api-key.created': 'API key issued',
  'api-key.rotated': 'API key got a new secret',
  'api-key.revoked': 'API key ended',
  'api-key.refused': 'API key refused',
  'tenant.suspended': 'Tenant suspended, roles paused',
  'tenant.restored': 'Tenant restored, roles back',
  'guild.moved': 'Guild moved, roles ended',
  'guild.removed': 'Guild removed, roles ended',
  'security.followed': 'Security events followed',
}

/** An event's type in words: `two-factor.switched-on` is "Two factor switched on". */
export function eventWords(type: string): string {
  const known = Object.hasOwn(WORDS, type) ? WORDS[type] : undefined
  if (known) return known
  const plain = type.replaceAll(/[._-]+/g, ' ').trim()
  return plain === '' ? 'Event without a name' : plain.charAt(0).toUpperCase() + plain.slice(1)
}

const PROGRAMS = [
  { pattern: /HeadlessChrome\/(\d+)/, name: 'Chrome (headless)' },
  { pattern: /Edg\/(\d+)/, name: 'Edge' },
  { pattern: /OPR\/(\d+)/, name: 'Opera' },
  { pattern: /Firefox\/(\d+)/, name: 'Firefox' },
  { pattern: /Chrome\/(\d+)/, name: 'Chrome' },
  { pattern: /Version\/(\d+).*Safari\//, name: 'Safari' },
] as const
const SYSTEMS = [
  { pattern: /Android/, name: 'Android' },
  { pattern: /iPhone|iPad/, name: 'iOS' },
  { pattern: /Windows/, name: 'Windows' },
  { pattern: /Mac OS X/, name: 'macOS' },
  { pattern: /Linux/, name: 'Linux' },
] as const

/** A browser in three words; another program as it calls itself. */
export function programText(userAgent: string): string {
  const program = PROGRAMS.find(({ pattern }) => pattern.test(userAgent))
  if (!program) return userAgent
  const version = program.pattern.exec(userAgent)?.[1] ?? ''
  const system = SYSTEMS.find(({ pattern }) => pattern.test(userAgent))
  return `${program.name} ${version}${system ? ` on ${system.name}` : ''}`
}
