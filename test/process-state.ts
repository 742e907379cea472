/**
 * Reads the state of other processes: asleep, stopped, gone, or waiting for a key.
 * Linux shows it in /proc. Other systems show it through ps(1).
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** `foreground` is the process group that receives the keys typed at the terminal of the process. */
type Row = {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly foreground: number
  readonly state: string
}

/**
 * Whether the foreground program waits for a key, in the terminal that the process `script` made.
 * It waits if every process in the foreground sleeps: a program that has written its question and sleeps is ready.
 */
export function waitsForKey(script: number): boolean {
  const rows = readRows()
  // The shell in the new terminal leads a group of its own.
  const shell = rows.find(({ pid, parent, group }) => parent === script && group === pid)
  const front = shell === undefined ? [] : rows.filter(({ group }) => group === shell.foreground)
  return front.length > 0 && front.every(isAsleep)
}

/** Resolves when the process waits for the lock of a store. SQLite polls for the lock, and sleeps by a timer in between. */
export async function untilInLine(pid: number): Promise<void> {
  await until(pid, (row) => isAsleep(row) && /^(0|$|.*nanosleep)/.test(waitOf(row)))
}

/** Resolves when SIGSTOP has stopped the process and all of its threads. */
export async function untilStopped(pid: number): Promise<void> {
  await until(pid, ({ state }) => state.startsWith('T') && threadsOf(pid).every(([one]) => one === 'T'))
}

/** Resolves when the process is gone. */
export async function untilGone(pid: number): Promise<void> {
  while (readRows().some((row) => row.pid === pid && !row.state.startsWith('Z'))) await sleep(5)
}

/** Rejects if the process ends before. */
async function until(pid: number, holds: (row: Row) => boolean): Promise<void> {
  for (;;) {
    const row = readRows().find((one) => one.pid === pid)
    if (row === undefined || row.state.startsWith('Z')) throw new Error(`process ${pid} has ended`)
    if (holds(row)) return
    await sleep(2)
  }
}

/** A program that waits for its own threads is still computing. Linux calls that wait `futex`. */
const isAsleep = (row: Row): boolean => /^[SI]/.test(row.state) && !waitOf(row).startsWith('futex')

/** The name of the kernel function in which the process waits. Empty on systems other than Linux. */
const waitOf = ({ pid }: Row): string => (isLinux ? readQuietly(`/proc/${pid}/wchan`) : '')

const isLinux = process.platform === 'linux'
const readRows = (): Row[] => (isLinux ? readProc() : askPs())

function readProc(): Row[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    const [state, parent, group, , , foreground] = readStat(`/proc/${pid}/stat`)
    return state === undefined ? [] : [rowOf([pid, parent, group, foreground], state)]
  })
}

/** The fields after the program's name. The name is in brackets, and may contain brackets and spaces. */
function readStat(path: string): string[] {
  const stat = readQuietly(path)
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function threadsOf(pid: number): string[][] {
  if (!isLinux) return []
  return readdirSync(`/proc/${pid}/task`).map((thread) => readStat(`/proc/${pid}/task/${thread}/stat`))
}

function askPs(): Row[] {
  const told = execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'pgid=', '-o', 'tpgid=', '-o', 'stat='])
  const lines = told.toString('utf8').trim().split('\n')
  return lines.map((line) => {
    const fields = line.trim().split(/\s+/)
    return rowOf(fields, fields[4] ?? '')
  })
}

function rowOf(fields: readonly (string | undefined)[], state: string): Row {
  const [pid = 0, parent = 0, group = 0, foreground = 0] = fields.map(Number)
  return { pid, parent, group, foreground, state }
}

/** Empty if the process has ended meanwhile. */
function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
