/**
 * Draws a terminal's screen, as `tmux capture-pane -e` writes it, as an SVG.
 * - Text stays text: a picture can be read, searched and compared, and needs no font of its own.
 * - Block characters are drawn as rectangles, because fonts leave gaps between them.
 * - The same screen gives the same picture.
 */
const WIDTH = 8
const HEIGHT = 17
const EDGE = 8
const THEMES = {
  dark: { paper: '#181818', ink: '#d0d0d0' },
  light: { paper: '#ffffff', ink: '#202020' },
}
const SIXTEEN =
  '000000 cd0000 00a000 b49600 0000ee cd00cd 00aaaa e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff'.split(
    ' ',
  )
/** The filled part of a cell: left, top, width, height, as shares of the cell. */
const BLOCKS = {
  '█': [0, 0, 1, 1],
  '▀': [0, 0, 1, 0.5],
  '▄': [0, 0.5, 1, 0.5],
  '▌': [0, 0, 0.5, 1],
  '▐': [0.5, 0, 0.5, 1],
}
const PLAIN = { ink: null, bold: false, dim: false }

/**
 * Returns the SVG. `screen`: lines of text with SGR codes. `cursor`: column and row from 0, or null if it is hidden.
 * Throws for an SGR code that it does not know.
 */
export function drawTerminal(screen, { columns, rows, theme, title, cursor = null }) {
  const { paper, ink } = THEMES[theme]
  const [width, height] = [columns * WIDTH + 2 * EDGE, rows * HEIGHT + 2 * EDGE]
  const cells = readCells(screen).slice(0, rows)
  const blocks = drawBlocks(cells, ink)
  const texts = cells.flatMap((line, row) => drawLine(line, row))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="6" fill="${paper}"/>`,
    `<g fill="${ink}" font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13" xml:space="preserve">`,
    ...texts,
    '</g>',
    ...blocks,
    ...(cursor === null ? [] : [drawCursor(cursor, ink)]),
    '</svg>',
    '',
  ].join('\n')
}

/** Lines of cells: each cell has a character and its style. */
function readCells(screen) {
  let style = PLAIN
  return screen.split('\n').map((line) => {
    const cells = []
    // Matches an SGR sequence, or one visible character.
    for (const [, codes, character] of line.matchAll(/\p{Cc}\[([\d;:]*)m|(\P{Cc})/gu)) {
      if (character === undefined) style = readStyle(style, codes.split(/[;:]/).map(Number))
      else cells.push({ character, style })
    }
    return cells
  })
}

/** The change that each SGR code makes. `readStyle` itself reads codes of more than one number. */
const CHANGES = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  22: { bold: false, dim: false },
  39: { ink: null },
  49: {},
  ...Object.fromEntries(SIXTEEN.map((colour, i) => [i < 8 ? 30 + i : 82 + i, { ink: `#${colour}` }])),
}

function readStyle(before, codes) {
  let style = before
  for (let i = 0; i < codes.length; i++) {
    const isIndexed = codes[i] === 38 && codes[i + 1] === 5
    const change = isIndexed ? { ink: colourOf(codes[i + 2]) } : CHANGES[codes[i]]
    if (change === undefined) throw new Error(`SGR ${codes[i]} is none that is drawn here`)
    style = { ...style, ...change }
    if (isIndexed) i += 2
  }
  return style
}

/** The colour of an index 0–255: sixteen named colours, a 6×6×6 cube, and 24 greys. */
function colourOf(index) {
  const hex = (value) => value.toString(16).padStart(2, '0')
  if (index < 16) return `#${SIXTEEN[index]}`
  if (index > 231) return `#${hex(8 + 10 * (index - 232)).repeat(3)}`
  const levels = [0, 95, 135, 175, 215, 255]
  const at = index - 16
  return `#${[Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map((level) => hex(levels[level])).join('')}`
}

/** One text for each run of cells of the same style. `textLength` is set, so that the columns align in every font. */
function drawLine(cells, row) {
  const runs = []
  cells.forEach(({ character, style }, column) => {
    const last = runs.at(-1)
    const shown = BLOCKS[character] === undefined ? character : ' '
    const isSame = last !== undefined && JSON.stringify(last.style) === JSON.stringify(style)
    if (isSame) last.text += shown
    else runs.push({ column, style, text: shown })
  })
  return runs.flatMap(({ column, style, text }) => {
    const start = text.length - text.trimStart().length
    const said = text.trim()
    if (said === '') return []
    const { ink, bold, dim } = style
    const paint = `${ink === null ? '' : ` fill="${ink}"`}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity=".65"' : ''}`
    const x = EDGE + (column + Array.from(text.slice(0, start)).length) * WIDTH
    const length = Array.from(said).length * WIDTH
    return [`<text x="${x}" y="${EDGE + row * HEIGHT + 13}" textLength="${length}"${paint}>${escapeXml(said)}</text>`]
  })
}

/** The block characters, as one path for each colour. */
function drawBlocks(lines, ink) {
  const paths = new Map()
  const places = lines.flatMap((cells, row) => cells.map((cell, column) => ({ ...cell, row, column })))
  for (const { character, style, row, column } of places) {
    const block = BLOCKS[character]
    if (block === undefined) continue
    const [left, top, width, height] = block
    const [x, y] = [EDGE + (column + left) * WIDTH, EDGE + (row + top) * HEIGHT]
    const colour = style.ink ?? ink
    const before = paths.get(colour) ?? ''
    paths.set(colour, `${before}M${x} ${y}h${width * WIDTH}v${height * HEIGHT}h${-width * WIDTH}z`)
  }
  return [...paths].map(([colour, path]) => `<path fill="${colour}" d="${path}"/>`)
}

/** A frame around the cell of the cursor. */
const drawCursor = ({ column, row }, ink) =>
  `<rect x="${EDGE + column * WIDTH - 0.5}" y="${EDGE + row * HEIGHT + 0.5}" width="${WIDTH + 1}" height="${HEIGHT - 1}" fill="none" stroke="${ink}"/>`

const escapeXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
