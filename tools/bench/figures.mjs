/**
 * Computes and prints the figures of the benchmark: medians, spreads and rows.
 * - A ratio divides two runs that followed each other: a machine that is busy for a while slows both.
 * - A row is printed with its bar and `ok` or `over`. `over` fails nothing.
 */
import { statfsSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'

export const WARM_UPS = 3
/** If the median of `node -e 0` is more than this many times its best run, the row says that the machine is busy. */
const BUSY = 1.3
/** With at least this many values the spread is the middle 80 %, so that one slow run does not widen it. */
const MANY = 10
const TMPFS = 0x01021994
/** Runs that measure the pace of the machine before a job that takes seconds. */
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

/** If `markdown`, rows are printed as `| a | b |`, ready for a document; otherwise in columns. */
export function createRows(markdown) {
  const say = (text) => process.stdout.write(`${text}\n`)
  const print = (name, figure, range, bar, verdict, note) => {
    if (markdown) say(`| ${[name, figure, range, bar, verdict, note].join(' | ')} |`)
    else {
      const cells = [name.padEnd(52), figure.padStart(10), range.padStart(15), bar.padEnd(9), verdict.padEnd(4), note]
      say(cells.join('  ').trimEnd())
    }
  }
  /** `unit` follows each figure. If `values` is empty, `note` says why. */
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
 * Runs the contestants in turns, with a run of `base` before each. All return milliseconds.
 * `bases[i]`, `times[i]` (milliseconds) and `ratios[i]` belong to contestant i and hold one value for each round.
 * The values of two contestants in one round can therefore be divided.
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

/** The pace of the machine: median milliseconds of `base`. */
export const measurePace = (base) => median(Array.from({ length: PACE_RUNS }, base))

/**
 * Expresses seconds as a number of runs of `node -e 0`, because seconds depend on the machine as much as on keydesk.
 * `paces[i]` is the pace (milliseconds) measured just before `seconds[i]`.
 */
export function describePace(paces, seconds) {
  const ratios = seconds.map((each, i) => (1000 * each) / paces[i])
  return `${median(ratios).toFixed(0)}× node -e 0, of ${median(paces).toFixed(1)} ms`
}
