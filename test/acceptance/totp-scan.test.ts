/**
 * Guards that a phone can read each QR code. zbarimg (Debian, zbar-tools) reads:
 * - the screen of `totp enroll` from a real pseudo-terminal, as the picture that a dark and a light terminal show;
 * - the files of --qr.
 * `npm run torture` installs zbarimg if it runs as root.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { showCode } from '../authenticator.ts'
import { playTerminal } from '../term/pseudo-terminal.ts'
import { drawScreen, drawSvg, THEMES, writePicture } from './picture.ts'
import { createMachine, createRealDesk, expectOk, inviteRealPhone, KEYDESK, type Machine } from './programs.ts'
import { isThere } from './tools.ts'

const USER = 'zoe@example.ch'
const hasScanner = isThere('zbarimg', 'zbar-tools')

const uriOf = (key: string) =>
  `otpauth://totp/R%C3%B6ntgen%20AG:zoe%40example.ch?secret=${key.replaceAll(' ', '')}&issuer=R%C3%B6ntgen%20AG`

const scan = (path: string) =>
  execFileSync('zbarimg', ['--quiet', '--raw', path], { stdio: ['ignore', 'pipe', 'ignore'] })
    .toString('utf8')
    .trim()

const enrolled: { machine: Machine; shown: string } = { machine: createMachine(), shown: '' }
beforeAll(async () => {
  const { machine } = enrolled
  await createRealDesk(machine)
  await inviteRealPhone(machine, USER)
  const set = Object.entries(machine.env).map(([name, value]) => `${name}='${value}'`)
  enrolled.shown = await playTerminal(
    `stty cols 100 rows 60; env -i TERM=xterm-256color ${set.join(' ')} '${process.execPath}' '${KEYDESK}' totp enroll ${USER}`,
    [],
  )
})

describe('the screen of a new app', () => {
  it('has the key in groups of four, and a code of that key activates the app', async () => {
    const [key = ''] = /([A-Z2-7]{4} ){7}[A-Z2-7]{4}/.exec(enrolled.shown) ?? []
    const code = showCode(key, Date.now())
    expect(await expectOk(enrolled.machine, ['totp', 'activate', USER, code, '--json'])).toContain('"valid":true')
  })
})

describe.skipIf(!hasScanner)('a phone', () => {
  it.each(['dark', 'light'] as const)('reads the exact URI from a %s terminal', (theme) => {
    const [key = ''] = /([A-Z2-7]{4} ){7}[A-Z2-7]{4}/.exec(enrolled.shown) ?? []
    const path = join(enrolled.machine.home, `${theme}.pgm`)
    writePicture(path, drawScreen(enrolled.shown, THEMES[theme]))
    expect(scan(path)).toBe(uriOf(key))
  })

  it.each(['png', 'svg'])('reads the exact URI from a file .%s, which has mode 0600', async (format) => {
    const { machine } = enrolled
    const user = `${format}@example.ch`
    await inviteRealPhone(machine, user)
    const path = join(machine.home, `new.${format}`)
    const { uri } = JSON.parse(await expectOk(machine, ['totp', 'enroll', user, '--qr', path, '--json']))
    const picture = format === 'png' ? path : join(machine.home, 'svg.pgm')
    if (format === 'svg') writePicture(picture, drawSvg(readFileSync(path, 'utf8')))
    expect(scan(picture)).toBe(uri)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
})
