/**
 * A progress line on stderr, redrawn in place and cleared at the end.
 * - Only on a terminal: in a log file it would be noise.
 * - It uses only spaces and carriage returns, which every terminal supports.
 */
import type { Streams } from './streams.ts'

/** `show` takes the finished and the total amount. */
export type Progress = { readonly show: (done: number, total: number) => void; readonly end: () => void }

const BAR_COLUMNS = 24
/** At most ten redraws a second, to limit their cost. */
const EVERY_MS = 100

export function createProgress(
  io: Pick<Streams, 'err' | 'stderrIsTerminal'>,
  title: string,
  clock: () => number,
  isQuiet: boolean,
): Progress {
  if (isQuiet || !io.stderrIsTerminal) return { show: () => undefined, end: () => undefined }
  let drawnAt = Number.NEGATIVE_INFINITY
  let columns = 0
  const draw = (line: string) => {
    io.err(`\r${line.padEnd(columns)}`)
    columns = line.length
  }
  return {
    show: (done, total) => {
      const now = clock()
      if (now >= drawnAt && now - drawnAt < EVERY_MS) return
      drawnAt = now
      draw(renderProgress(title, done, total))
    },
    end: () => {
      if (columns === 0) return
      draw('')
      io.err('\r')
    },
  }
}

function renderProgress(title: string, done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1)
  const full = Math.round(share * BAR_COLUMNS)
  const bar = '#'.repeat(full).padEnd(BAR_COLUMNS, '.')
  return `${title} ${bar} ${String(Math.floor(share * 100)).padStart(3)} % of ${total}`
}
