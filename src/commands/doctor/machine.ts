/** Checks of the machine: clock, Node, environment, terminal. Pure: facts in, checks out. */
import { type Check, fail, ok, unset, warn } from './check.ts'
import type { Facts } from './facts.ts'

/** 2026-01-01, before the first keydesk: an earlier clock is wrong. */
const EARLIEST_MS = 1_767_225_600_000
const NOTICED_MS = 60_000
/** The desk refuses a PIN when the clock is this far behind the audit log. */
const REFUSED_MS = 300_000
/** The width of the code screen and of an invitation's QR code. */
const WIDTH = 80
const OURS = ['KEYDESK_STORE', 'KEYDESK_OPERATOR', 'KEYDESK_PASSPHRASE_FILE', 'KEYDESK_SMTP_PASSWORD_FILE']
const SLOW = ['NODE_EXTRA_CA_CERTS', 'NODE_DISABLE_COMPILE_CACHE']
const SET_CLOCK: Readonly<Record<string, string>> = {
  darwin: 'sudo sntp -sS time.apple.com',
  win32: 'w32tm /resync',
  linux: 'sudo timedatectl set-ntp true',
}

export function checkMachine(facts: Facts): Check[] {
  return [
    checkClock(facts),
    checkNode(facts),
    checkUmask(facts),
    ...checkNodeVariables(facts),
    ...checkOurVariables(facts),
    checkTerminal(facts),
    checkLocale(facts),
  ]
}

/**
 * Compares the clock with the newest entry, if an operator is unlocked, and with the modification time of the store.
 */
function checkClock({ now, platform, store, health }: Facts): Check {
  const mend = SET_CLOCK[platform] ?? 'set the clock right'
  if (now < EARLIEST_MS) return fail('clock', 'refused', 'the clock is years behind', mend)
  const behind = (health?.newestAt ?? 0) - now
  const message = `the clock is ${Math.ceil(behind / 1_000)} s behind the newest entry of the record`
  if (behind > REFUSED_MS) return fail('clock', 'refused', `${message}: codes and PINs would be refused`, mend)
  if (behind > NOTICED_MS) return warn('clock', message, mend)
  if ((store?.changedAt ?? 0) - now > NOTICED_MS)
    return warn('clock', 'the clock is behind the time at which the store was last changed', mend)
  return ok(
    'clock',
    health === null ? 'plausible; not compared with the record, which takes keys' : 'not behind the record',
  )
}

function checkNode({ node, needed }: Facts): Check {
  const [have, want] = [node, needed].map((version) => version.split('.').map(Number)) as [number[], number[]]
  const [major = 0, minor = 0] = have
  const [least = 0, minorLeast = 0] = want
  if (major > least || (major === least && minor >= minorLeast)) return ok('node', `Node ${node}`)
  return fail('node', 'internal', `Node ${node} is older than ${needed}`, `install Node ${needed} or newer`)
}

function checkUmask({ umask, platform }: Facts): Check {
  if (platform === 'win32' || (umask & 0o077) === 0o077) return ok('umask', 'new files are yours alone')
  return warn('umask', `new files could be read by others (umask ${umask.toString(8).padStart(4, '0')})`, 'umask 077')
}

/** Checks variables that change Node. An inspector can read the memory of a process that holds keys. */
function checkNodeVariables({ env, platform, inspected }: Facts): Check[] {
  const options = env['NODE_OPTIONS'] ?? ''
  const mend = unset(platform, 'NODE_OPTIONS')
  const checks = SLOW.filter((name) => env[name]).map((name) =>
    warn('environment', `${name} is set: every start is slower`, unset(platform, name)),
  )
  if (/--inspect/.test(options) || inspected)
    checks.push(
      fail(
        'environment',
        'refused',
        'an inspector is open on every keydesk: it can read keys',
        options === '' ? 'start node without --inspect' : mend,
      ),
    )
  else if (options !== '') checks.push(warn('environment', 'NODE_OPTIONS changes what Node does under keydesk', mend))
  return checks.length > 0 ? checks : [ok('environment', 'nothing in it changes Node')]
}

/** Checks KEYDESK_* variables: unknown names, missing files, unknown operators, and secrets that others can read. */
function checkOurVariables({ env, platform, missing, openSecrets, operators }: Facts): Check[] {
  const checks: Check[] = []
  for (const name of Object.keys(env).filter((each) => each.startsWith('KEYDESK_') && !OURS.includes(each)))
    checks.push(warn('variables', `${name} is no variable of keydesk`, unset(platform, name)))
  for (const name of missing)
    checks.push(fail('variables', 'notfound', `${name} names a file that is not there`, unset(platform, name)))
  const operator = env['KEYDESK_OPERATOR']
  if (operator && operators !== null && !operators.includes(operator))
    checks.push(
      fail(
        'variables',
        'notfound',
        `KEYDESK_OPERATOR: ${operator} is not set up here`,
        unset(platform, 'KEYDESK_OPERATOR'),
      ),
    )
  for (const { name, path } of openSecrets)
    checks.push(warn('variables', `others can read the file that ${name} names`, `chmod 600 ${path}`))
  return checks.length > 0 ? checks : [ok('variables', 'none of KEYDESK_* points nowhere')]
}

function checkTerminal({ terminal, columns, env }: Facts): Check {
  if (!terminal) return ok('terminal', 'none: answers go into a pipe or a file')
  if (columns < WIDTH)
    return warn(
      'terminal',
      `${columns} columns: a QR code and the screen of a code take ${WIDTH}`,
      'make the window wider',
    )
  if (env['TERM'] === 'dumb')
    return warn('terminal', 'TERM is dumb: no colours, and questions may look odd', 'export TERM=xterm-256color')
  return ok('terminal', `${columns} columns, ${env['NO_COLOR'] ? 'no colours, as NO_COLOR asks' : 'colours'}`)
}

/** The first of the three variables that is set decides. */
function checkLocale({ env, platform }: Facts): Check {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  if (platform === 'win32' || /utf-?8/i.test(locale)) return ok('locale', 'UTF-8: names and QR codes can be drawn')
  const message = `${locale === '' ? 'no locale is set' : `the locale is ${locale}`}: names and QR codes may come out wrong`
  return warn('locale', message, `export LC_ALL=${platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'}`)
}
