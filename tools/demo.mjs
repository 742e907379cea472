/**
 * `npm run demo`: plays one real call with the real programs, in a temporary directory.
 * - It shows each command line as it is typed, and its output below.
 * - It checks each step, and ends with exit code 1 at the first one that differs.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeSpoken, parseSpoken } from '../src/crypto/index.ts'
import { decodeSpoken } from '../src/crypto/spoken.ts'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'keydesk-demo-'))
const started = Date.now()

const env = { ...process.env, HOME: place, XDG_CONFIG_HOME: join(place, 'config'), XDG_DATA_HOME: join(place, 'data') }
env.XDG_RUNTIME_DIR = join(place, 'run')
mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 })
for (const name of ['KEYDESK_STORE', 'KEYDESK_OPERATOR', 'KEYDESK_PASSPHRASE_FILE', 'FORCE_COLOR']) delete env[name]

const write = (name, text) => {
  writeFileSync(join(place, name), `${text}\n`, { mode: 0o600 })
  return name
}
const bold = (text) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[22m` : text)
const say = (text) => process.stdout.write(`\n${bold(`# ${text}`)}\n`)
const quote = (word) => (/^[\w@%+=:,./?-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/**
 * Runs one command line and returns its stdout, trimmed.
 * - The demo ends if the exit code is not `exit`, or if stdout and stderr together do not match `match`.
 * - `show`: print the output (true), print nothing (false), or let the command write to our stdout ('terminal').
 */
function run(program, args, { exit = 0, match = /(?:)/, show = true } = {}) {
  process.stdout.write(`$ ${program} ${args.map(quote).join(' ')}\n`)
  // A command that inherits stdout shows its screen for a terminal, if stdout is one.
  const stdio = show === 'terminal' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe']
  const result = spawnSync(process.execPath, [join(dist, `${program}.cjs`), ...args], {
    cwd: place,
    env,
    stdio,
    encoding: 'utf8',
  })
  if (show === true) process.stdout.write(result.stdout + result.stderr)
  const said = `${result.stdout ?? ''}${result.stderr ?? ''}`
  if (result.status !== exit) fail(`exit ${exit} was expected, and it was ${result.status ?? result.signal}`, said)
  if (show !== 'terminal' && !match.test(said)) fail(`its output does not match ${match}`, said)
  return (result.stdout ?? '').trim()
}

function fail(why, said) {
  process.stderr.write(`${said}\ndemo: the last step differs: ${why}\n`)
  end(1)
}

function end(code) {
  spawnSync(process.execPath, [join(dist, 'keydesk.cjs'), 'lock'], { env, stdio: 'ignore' })
  rmSync(place, { recursive: true, force: true })
  process.exit(code)
}

const desk = (args, expect) => run('keydesk', args, expect)
const phone = (args, expect) => run('keydesk-device', ['--state', 'phone', ...args], expect)

/** The code with another symbol at each of the places. */
function mishear(code, ...places) {
  const symbols = [...code]
  for (const at of places) symbols[at] = symbols[at] === '7' ? '8' : '7'
  return symbols.join('')
}
/** A well-formed code that no device ever showed: the last bits of the MAC differ, and the check symbols are right. */
function forge(code) {
  const parsed = parseSpoken(code, 'reset')
  const data = decodeSpoken(parsed.code)
  return encodeSpoken([...data.slice(0, 12), data[12] ^ 1], 'reset')
}

write('passphrase', 'correct horse battery staple')
write('old-password', 'Summer rain 2025')
write('new-password', 'Autumn wind 2026')

say('A new desk, and its first administrator.')
desk(['init', '--org', 'Röntgen AG', '--operator', 'anna', '--passphrase-file', 'passphrase'], { match: /Röntgen AG/ })
desk(['unlock', '--passphrase-file', 'passphrase'], { match: /Unlocked for anna/ })

say('A device is invited. The invitation goes by mail, the enrolment code by telephone.')
const invite = [
  'device',
  'invite',
  '--user',
  'zoe@example.ch',
  '--name',
  "Zoë's phone",
  '--platform',
  'ios',
  '--model',
  'iPhone 17',
  '--json',
]
const { invitation, enrolmentCode } = JSON.parse(desk(invite))

say('The app enrols, and keeps its settings in an encrypted database.')
write('enrolment-code', enrolmentCode)
phone(['enroll', invitation, '--code-file', 'enrolment-code', '--password-file', 'old-password'])
phone(['open', '--password-file', 'old-password'])
phone(['put', 'server', 'files.example.ch'])
phone(['put', 'offline-folder', 'Contracts 2026'])
phone(['list'], { match: /offline-folder/ })
phone(['lock'])

say('The password is forgotten. The app shows a reset code, and two words that only the real desk can say.')
phone(['get', 'server', '--no-input'], { exit: 2 })
const resetCode = phone(['forgot'])
desk(['reset', 'check', resetCode], { match: /Genuine\s+yes/ })

say('Three codes that will not do: misheard, invented, of another kind.')
desk(['reset', 'confirm', mishear(resetCode, 7)], { exit: 3, match: /group 2, symbol 2/ })
desk(['reset', 'confirm', mishear(resetCode, 1, 13)], { exit: 3, match: /ask the caller/ })
desk(['reset', 'confirm', forge(resetCode)], { exit: 4, match: /did not come from/ })
desk(['reset', 'confirm', enrolmentCode], { exit: 3, match: /enrolment code, not a reset code/ })

say('The right code, once the caller was called back. Piped, it is the bare code; at a terminal, large and spelt.')
const confirmation = desk(['reset', 'confirm', resetCode, '--verified-by', 'callback', '--ticket', 'HD-4711'], {
  match: /^[0-9A-Z]{5}(-[0-9A-Z]{5}){2}\n/,
})
desk(['reset', 'confirm', resetCode, '--verified-by', 'callback', '--ticket', 'HD-4711', '--spell'], {
  show: 'terminal',
})

say('On the phone: a typing error, another code, and then the right one. The user stops before a new password is set.')
phone(['confirm', mishear(confirmation, 3)], { exit: 3 })
const other = parseSpoken(confirmation, 'confirm')
phone(['confirm', encodeSpoken([...decodeSpoken(other.code).slice(1), 0], 'confirm')], { exit: 4 })
phone(['confirm', confirmation, '--no-input'], { match: /locked/ })
phone(['open', '--password-file', 'old-password'], { exit: 5 })
phone(['confirm', confirmation, '--new-password-file', 'new-password'], { exit: 4 })

say('So the whole exchange is done again, with the new reset code; the old one is an alarm by now.')
const second = phone(['forgot'])
const again = desk(['reset', 'confirm', second, '--verified-by', 'callback', '--ticket', 'HD-4711'])
desk(['reset', 'confirm', resetCode], { exit: 4, match: /old one/ })
phone(['confirm', again, '--new-password-file', 'new-password'])

say('The app is open, and everything is there.')
if (phone(['get', 'server']) !== 'files.example.ch') fail('the setting is not what was put there', '')
if (phone(['get', 'offline-folder']) !== 'Contracts 2026') fail('the setting is not what was put there', '')

say('The record has it all, refusals included, and no code.')
const record = desk(['audit', 'list'], { match: /old-epoch/ })
for (const word of ['device.invite', 'not-genuine', 'corrected', 'HD-4711'])
  if (!record.includes(word)) fail(`the record lacks ${word}`, record)
if ([confirmation, again, enrolmentCode, resetCode].some((code) => record.includes(code)))
  fail('the record holds a code', record)
desk(['lock'], { match: /Locked anna/ })

say(`Done in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
end(0)
