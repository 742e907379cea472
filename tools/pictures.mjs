/**
 * `npm run pictures`: plays guided calls with the built programs in tmux, and saves each screen in docs/pictures.
 * - It makes four pictures of each screen: at 80×24 and at 120×40, on a dark and on a light background.
 * - The phone is the reference device. The confirmation code on the screen must open it.
 * - People and devices are invented. Every run draws other codes.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { drawTerminal } from './terminal-svg.mjs'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const pictures = fileURLToPath(new URL('../docs/pictures/', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'keydesk-pictures-'))
const socket = `keydesk-pictures-${process.pid}`
const env = {
  PATH: process.env.PATH,
  HOME: place,
  XDG_RUNTIME_DIR: join(place, 'run'),
  TERM: 'xterm-256color',
  TZ: 'UTC',
}
env.LANG = 'C.UTF-8'
const LIMIT_MS = 10_000

function run(program, args) {
  const command = [join(dist, `${program}.cjs`), ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: place, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${status}\n${stderr}`)
  return stdout.trim()
}
const desk = (...args) => run('keydesk', args)
const phone = (...args) => run('keydesk-device', ['--state', 'phone', ...args])
const write = (name, text) => writeFileSync(join(place, name), `${text}\n`, { mode: 0o600 })

function tmux(...args) {
  const { status, stdout, error } = spawnSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], {
    env,
    encoding: 'utf8',
  })
  if (error !== undefined) throw new Error('tmux is needed, and is not there')
  if (status !== 0) throw new Error(`tmux ${args[0]}: exit ${status}`)
  return stdout
}

/**
 * Types `keys` and waits until the screen shows `text`. Throws if it does not within LIMIT_MS milliseconds.
 * `named`: `keys` is the name of a key in tmux, such as Enter.
 */
async function type(keys, text, { named = false } = {}) {
  if (keys !== '') tmux('send-keys', ...(named ? [] : ['-l']), keys)
  const until = Date.now() + LIMIT_MS
  while (!tmux('capture-pane', '-p').includes(text)) {
    if (Date.now() > until) throw new Error(`${text} did not come:\n${tmux('capture-pane', '-p')}`)
    await sleep(30)
  }
  await sleep(60)
}
const press = (key, text) => type(key, text, { named: true })

let size = { columns: 80, rows: 24 }
function keep(name, title) {
  const screen = tmux('capture-pane', '-e', '-p')
  const [isShown, column, row] = tmux('display-message', '-p', '#{cursor_flag} #{cursor_x} #{cursor_y}')
    .split(' ')
    .map(Number)
  const cursor = isShown === 1 ? { column, row } : null
  for (const theme of ['dark', 'light']) {
    const file = `${name}-${size.columns}x${size.rows}-${theme}.svg`
    writeFileSync(join(pictures, file), drawTerminal(screen, { ...size, theme, title, cursor }))
  }
}

/** Quotes a path as one word for the shell that tmux starts. */
const quote = (path) => `'${path.replaceAll("'", "'\\''")}'`
const mishear = (code) => `${code.slice(0, 8)}${code[8] === 'X' ? 'Y' : 'X'}`

/** Plays one call from the first screen to the last. The phone is open afterwards. */
async function playCall(columns, rows) {
  size = { columns, rows }
  phone('lock')
  const code = phone('forgot')
  const command = `${quote(process.execPath)} ${quote(join(dist, 'keydesk.cjs'))} call; sleep 60`
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), command)
  await type('zo', '2 of 4 devices')
  keep('call-1-find', 'Finding the device: two of four match what was typed')
  await press('Down', '> ')
  await press('Up', '> ')
  await press('Enter', 'Last reset')
  keep('call-2-device', 'The device at a glance')
  await press('Enter', '0 of 15')
  await type(`${mishear(code)}${code.slice(9)}`, 'ask again')
  keep('call-3-misheard', 'The reset code, of which the third symbol of group 2 was misheard')
  await type(code[8], 'The desk words')
  keep('call-4-words', 'The two desk words that are said first')
  await press('Enter', 'Who is calling')
  keep('call-5-caller', 'The ways of making sure of the caller')
  await type('3', 'Ticket')
  await type('HD-4711', 'HD-4711')
  keep('call-6-confirm', 'What is confirmed, and the ticket')
  await press('Enter', 'three groups')
  keep('call-7-code', 'The confirmation code, large and spelt')
  const [confirmation] = /[0-9A-Z]{5}(-[0-9A-Z]{5}){2}/.exec(tmux('capture-pane', '-p'))
  await type(' ', 'The first group')
  keep('call-8-group', 'One group of the code by itself')
  await press('Enter', 'opened:')
  keep('call-9-outcome', 'How the call ended')
  phone('confirm', confirmation, '--new-password-file', 'new')
  await type('1', 'q leave')
  keep('call-10-done', 'What was done, as single commands')
  tmux('kill-session')
}

async function main() {
  mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 })
  mkdirSync(pictures, { recursive: true })
  for (const file of readdirSync(pictures)) if (file.startsWith('call-')) rmSync(join(pictures, file))
  write('passphrase', 'correct horse battery staple')
  write('old', 'Summer rain 2025')
  write('new', 'Autumn wind 2026')
  desk('init', '--org', 'Röntgen AG', '--operator', 'anna', '--passphrase-file', 'passphrase')
  desk('unlock', '--passphrase-file', 'passphrase')
  const invite = (user, name, platform, model) =>
    JSON.parse(
      desk('device', 'invite', '--user', user, '--name', name, '--platform', platform, '--model', model, '--json'),
    )
  const { invitation, enrolmentCode } = invite('zoe@example.ch', 'Zoë’s phone', 'ios', 'iPhone 17')
  invite('zoe@example.ch', 'Zoë’s tablet', 'ios', 'iPad Air')
  invite('max@example.ch', 'Max’ Handy', 'android', 'Pixel 10')
  invite('ines@example.ch', 'Field phone 7', 'android', 'Galaxy S26')
  write('code', enrolmentCode)
  phone('enroll', invitation, '--code-file', 'code', '--password-file', 'old')
  await playCall(80, 24)
  await playCall(120, 40)
}

try {
  await main()
  process.stdout.write(`${readdirSync(pictures).length} pictures in docs/pictures\n`)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  spawnSync('tmux', ['-L', socket, 'kill-server'], { env, stdio: 'ignore' })
  spawnSync(process.execPath, [join(dist, 'keydesk.cjs'), 'lock'], { env, stdio: 'ignore' })
  rmSync(place, { recursive: true, force: true })
}
