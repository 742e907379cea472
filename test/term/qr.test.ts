/** The drawn QR code equals the computed one. It is black on white on any terminal, and has its quiet zone. */
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { renderQr } from '../../src/term/qr.ts'

type Matrix = { addData: (text: string) => void; make: () => void; modules: boolean[][] }
const QrCode = createRequire(import.meta.url)('qrcode-terminal/vendor/QRCode') as new (
  version: number,
  level: number,
) => Matrix
const LEVEL_L = 1
const QUIET = 4

const INVITATION = `keydesk:enrol/1/${'aZ09-_'.repeat(35)}`
const TEXTS = [
  'x',
  INVITATION,
  'otpauth://totp/ACME:anna?secret=JBSWY3DPEHPK3PXP&issuer=ACME',
  'Grüße 漢字',
  'y'.repeat(1000),
]

/** The modules that a camera sees: true is black. Throws if a line leaves a colour to the terminal. */
function seeModules(drawn: string): boolean[][] {
  return drawn
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const [, cells] = /^\p{Cc}\[38;5;231;48;5;16m([█▀▄ ]+)\p{Cc}\[0m$/u.exec(line) as RegExpExecArray
      return [
        Array.from(cells as string, (cell) => cell === ' ' || cell === '▄'),
        Array.from(cells as string, (cell) => cell === ' ' || cell === '▀'),
      ]
    })
}

function computeModules(text: string): boolean[][] {
  const code = new QrCode(-1, LEVEL_L)
  code.addData(Buffer.from(text, 'utf8').toString('latin1'))
  code.make()
  return code.modules
}

describe.each(TEXTS)('the QR code of %.30s', (text) => {
  test('equals the computed matrix', async () => {
    const seen = seeModules(await renderQr(text))
    const modules = computeModules(text)
    const inner = seen.slice(QUIET, QUIET + modules.length).map((row) => row.slice(QUIET, QUIET + modules.length))
    expect(inner).toEqual(modules)
  })

  test('has at least four white modules around it', async () => {
    const seen = seeModules(await renderQr(text))
    const size = computeModules(text).length
    expect(seen.every((row) => row.length === size + 2 * QUIET)).toBe(true)
    expect(seen.length).toBeGreaterThanOrEqual(size + 2 * QUIET)
    const outside = seen.flatMap((row, y) =>
      row.filter((_, x) => y < QUIET || y >= QUIET + size || x < QUIET || x >= QUIET + size),
    )
    expect(outside.some((black) => black)).toBe(false)
  })
})

test('an invitation fits 80 columns', async () => {
  expect((seeModules(await renderQr(INVITATION))[0] as boolean[]).length).toBeLessThanOrEqual(80)
})
