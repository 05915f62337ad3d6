/** What an installation is made from: when this is unchanged, so is node_modules. */
export function fingerprint(packageJson: string, packageLock: string): string

/** True when npm's own record of node_modules already holds what the lockfile asks for. */
export function isInLine(packageJson: string, packageLock: string, installedLock: string): boolean
