/**
 * Medians, spreads and rows. A ratio is taken of two runs that followed each other, so that a machine that is busy for a while slows both.
 * A row is printed with its bar: `ok`, or `over`, which fails nothing.
 */
import { statfsSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'

export const WARM_UPS = 3
/** How far the median of `node -e 0` may lie above its best before the figures are called doubtful. */
const BUSY = 1.3
/** From so many values on, the spread is the middle 80 %: one hiccup says nothing of the other forty. */
const MANY = 10
const TMPFS = 0x01021994
/** Before what takes seconds. */
const PACE_RUNS = 5

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function spread(values, digits) {
  if (values.length === 1) return ''
  const sorted = values.toSorted((a, b) => a - b)
  const cut = sorted.length < MANY ? 0 : Math.floor(sorted.length / 10)
  return `${sorted[cut].toFixed(digits)}–${sorted.at(-1 - cut).toFixed(digits)}`
}

/** Prints `| a | b |` for a document when `markdown`, else columns. */
export function createRows(markdown) {
  const say = (text) => process.stdout.write(`${text}\n`)
  const print = (name, figure, range, bar, verdict, note) => {
    if (markdown) say(`| ${[name, figure, range, bar, verdict, note].join(' | ')} |`)
    else {
      const cells = [name.padEnd(52), figure.padStart(10), range.padStart(15), bar.padEnd(9), verdict.padEnd(4), note]
      say(cells.join('  ').trimEnd())
    }
  }
  /** `unit` follows each figure; a row without values says in `note` why it has none. */
  const row = ({ name, values, unit = '×', digits = 2, bar, note = '' }) => {
    if (values.length === 0) return print(name, '', '', '', '', note)
    const middle = median(values)
    const verdict = bar === undefined ? '' : middle <= bar ? 'ok' : 'over'
    const limit = bar === undefined ? '' : `${bar}${unit}`
    return print(name, `${middle.toFixed(digits)}${unit}`, spread(values, digits), limit, verdict, note)
  }
  const title = (text) => {
    say(`\n${markdown ? `**${text}**` : text}`)
    if (markdown) say('\n| work | median | spread | bar | | |\n|---|---|---|---|---|---|')
  }
  return { say, row, title }
}

export function describeMachine() {
  const load = loadavg().map((each) => each.toFixed(1))
  const disk = statfsSync(tmpdir()).type === TMPFS ? 'files in memory, so durable costs nothing' : 'files on a disk'
  return [
    `${cpus()[0].model}, ${cpus().length} cores, load ${load[0]}; ${disk}`,
    `Node ${process.version}; medians; the spread is the middle 80 %, of fewer than ${MANY} runs the least and the most`,
  ].join('\n')
}

/**
 * Each of the contestants in turns, with a run of `base` before each. `bases[i]`, `times[i]` (milliseconds) and `ratios[i]`
 * are of contestant i, round by round, so that any two can be divided.
 */
export function measureTurns(base, contestants, rounds) {
  for (let i = 0; i < WARM_UPS; i++) for (const each of contestants) each()
  const bases = contestants.map(() => [])
  const times = contestants.map(() => [])
  const ratios = contestants.map(() => [])
  for (let round = 0; round < rounds; round++)
    contestants.forEach((each, i) => {
      const before = base()
      const own = each()
      bases[i].push(before)
      times[i].push(own)
      ratios[i].push(own / before)
    })
  return { bases, times, ratios }
}

export function describePair(bases, times) {
  const base = median(bases)
  const busy = base > BUSY * Math.min(...bases) ? '; the machine is busy, so this says little' : ''
  return `${median(times).toFixed(1)} ms against ${base.toFixed(1)} ms${busy}`
}

/** At what pace the machine is: milliseconds of `base`. */
export const measurePace = (base) => median(Array.from({ length: PACE_RUNS }, base))

/** Seconds say as much of the machine as of us: how many runs of `base` each would have been, which were measured just before it. */
export function describePace(paces, seconds) {
  const ratios = seconds.map((each, i) => (1000 * each) / paces[i])
  return `${median(ratios).toFixed(0)}× node -e 0, of ${median(paces).toFixed(1)} ms`
}
