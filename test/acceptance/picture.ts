/** Turns screens and SVG drawings into pictures, for a scanner. A picture is rows of brightness, 0 … 255. */
import { writeFileSync } from 'node:fs'

export type Rows = readonly (readonly number[])[]
type Theme = { readonly ink: number; readonly paper: number }
export const THEMES: Readonly<Record<'dark' | 'light', Theme>> = {
  dark: { ink: 255, paper: 0 },
  light: { ink: 0, paper: 255 },
}
const COLUMNS = 100
/** Width and height of a module of the QR code, in pixels. */
const SCALE = 4
/** Brightness of the two colours, of 256, that a QR code may ask for. */
const PALETTE: Readonly<Record<string, number>> = { 16: 0, 231: 255 }
const COLOURS = /^38;5;(\d+);48;5;(\d+)$/
const UPPER = '█▀'
const LOWER = '█▄'

/**
 * The screen of a terminal, two rows a line, with the brightness of its theme and of the colours on it. Letters are
 * left out.
 */
export function drawScreen(shown: string, theme: Theme): Rows {
  return shown.split('\r\n').flatMap((line) => drawLine(line, theme))
}

function drawLine(line: string, theme: Theme): number[][] {
  const upper: number[] = []
  const lower: number[] = []
  let { ink, paper } = theme
  // Each match is an escape sequence, or one character that is shown.
  for (const [, codes, cell = ''] of line.matchAll(/\p{Cc}\[([\d;?]*)[A-Za-z]|(.)/gu)) {
    if (codes === undefined) {
      upper.push(UPPER.includes(cell) ? ink : paper)
      lower.push(LOWER.includes(cell) ? ink : paper)
    } else [ink, paper] = readColours(codes, theme)
  }
  return [upper, lower].map((row) => row.concat(new Array(COLUMNS).fill(theme.paper)).slice(0, COLUMNS))
}

function readColours(codes: string, { ink, paper }: Theme): [number, number] {
  const [, front = '', back = ''] = COLOURS.exec(codes) ?? []
  return [PALETTE[front] ?? ink, PALETTE[back] ?? paper]
}

/** An SVG of the qrcode library: a white square, with black lines of one module on it. Throws for any other drawing. */
export function drawSvg(svg: string): Rows {
  const found =
    /viewBox="0 0 (\d+) \1".*<path fill="#ffffff" d="M0 0h\1v\1H0z"\/><path stroke="#000000" d="([^"]*)"\/><\/svg>\s*$/s
  const [, size = '', path = ''] = found.exec(svg) ?? []
  if (path === '') throw new Error('this is not the drawing that was expected')
  const rows = Array.from({ length: Number(size) }, () => new Array<number>(Number(size)).fill(255))
  let [x, y] = [0, 0]
  for (const [, move, first = '', second = ''] of path.matchAll(/([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?/g)) {
    if (move === 'h') (rows[y] as number[]).fill(0, x, x + Number(first))
    ;[x, y] = move === 'M' ? [Number(first), Math.floor(Number(second))] : [x + Number(first), y + Number(second || 0)]
  }
  return rows
}

/** Writes a portable graymap (PGM), in which each value is a square of SCALE × SCALE pixels. */
export function writePicture(path: string, rows: Rows): void {
  const pixels = rows.flatMap((row) => {
    const line = row.flatMap((value) => new Array<number>(SCALE).fill(value))
    return new Array<number[]>(SCALE).fill(line).flat()
  })
  const header = `P5 ${(rows[0] as readonly number[]).length * SCALE} ${rows.length * SCALE} 255\n`
  writeFileSync(path, Buffer.concat([Buffer.from(header), Buffer.from(pixels)]))
}
