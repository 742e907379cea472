/** Programs of the system that a test asks, when they are there: fetched in a long run by root, never in a short one. */
import { spawnSync } from 'node:child_process'

const runs = (program: string, args: readonly string[]) => spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** Whether the program can be run; Debian's package of it is installed where that may be done. */
export function isThere(program: string, debian: string, probe: readonly string[] = ['--version']): boolean {
  if (runs(program, probe)) return true
  const mayInstall = process.env['KEYDESK_TORTURE'] !== undefined && process.getuid?.() === 0
  return mayInstall && runs('apt-get', ['install', '--yes', debian]) && runs(program, probe)
}
