/** System programs that a test uses if they are there. Only a long run as root installs them. */
import { spawnSync } from 'node:child_process'

const runs = (program: string, args: readonly string[]) => spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** Whether the program can be run. A long run as root first installs the Debian package that contains it. */
export function isThere(program: string, debian: string, probe: readonly string[] = ['--version']): boolean {
  if (runs(program, probe)) return true
  const mayInstall = process.env['KEYDESK_TORTURE'] !== undefined && process.getuid?.() === 0
  return mayInstall && runs('apt-get', ['install', '--yes', debian]) && runs(program, probe)
}
