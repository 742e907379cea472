/**
 * Tests the pictures of the screens: a screen gives the expected picture, and each screen has one picture for each size
 * and background.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

type Look = {
  readonly columns: number
  readonly rows: number
  readonly theme: 'dark' | 'light'
  readonly title: string
  readonly cursor?: { readonly column: number; readonly row: number }
}
const tool = new URL('../../tools/terminal-svg.mjs', import.meta.url)
const { drawTerminal } = (await import(tool.href)) as { drawTerminal: (screen: string, look: Look) => string }
const pictures = new URL('../../docs/pictures/', import.meta.url)
const look = { columns: 12, rows: 2, theme: 'dark', title: 'A <screen>' } as const

describe('a picture', () => {
  it('keeps text as text in its place, and draws blocks as rectangles', () => {
    expect(drawTerminal('a \u001b[1;38;5;130m<b>\u001b[0m\n\u001b[2m▀█\u001b[39m x', look)).toMatchInlineSnapshot(`
      "<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 112 50" width="112" height="50" role="img">
      <title>A &lt;screen&gt;</title>
      <rect width="112" height="50" rx="6" fill="#181818"/>
      <g fill="#d0d0d0" font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13" xml:space="preserve">
      <text x="8" y="21" textLength="8">a</text>
      <text x="24" y="21" textLength="24" fill="#af5f00" font-weight="bold">&lt;b&gt;</text>
      <text x="32" y="38" textLength="8" opacity=".65">x</text>
      </g>
      <path fill="#d0d0d0" d="M8 25h8v8.5h-8zM16 25h8v17h-8z"/>
      </svg>
      "
    `)
  })

  it('shows a frame around the cell of the cursor', () => {
    const cursor = { column: 2, row: 1 }
    expect(drawTerminal('a', { ...look, cursor })).toContain(
      '<rect x="23.5" y="25.5" width="9" height="16" fill="none"',
    )
  })

  it('is refused if the screen has an SGR code that cannot be drawn', () => {
    expect(() => drawTerminal('\u001b[7mx', look)).toThrow('SGR 7')
  })

  it('exists of every screen in both sizes and on both backgrounds, and is smaller than 20 kB', () => {
    const files = readdirSync(pictures)
    const names = new Set(files.map((file) => /^(call-\d+-[a-z]+)-(80x24|120x40)-(dark|light)\.svg$/.exec(file)?.[1]))
    expect(files).toHaveLength(names.size * 4)
    expect(names.size).toBe(10)
    for (const file of files) expect(readFileSync(new URL(file, pictures)).length).toBeLessThan(20_000)
  })
})
