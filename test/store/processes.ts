/** Starts `child.ts` in a process of its own, as another user or with shell limits if a test asks for it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cleanUp } from '../clean-up.ts'
import { untilStopped } from '../process-state.ts'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))

export type Child = {
  readonly process: ChildProcess
  /** The lines of its stdout so far. */
  readonly lines: string[]
  /** Resolves to the first line that matches. Rejects if the child ends without one. */
  readonly said: (pattern: RegExp) => Promise<string>
  /** Resolves when it has printed `count` lines. Rejects if the child ends before. */
  readonly spoke: (count: number) => Promise<void>
  /** Resolves at its end to its last line, exit code (null after a signal) and stderr. */
  readonly ended: Promise<{ readonly last: string | undefined; readonly code: number | null; readonly errors: string }>
}

export type ChildOptions = {
  readonly uid?: number
  /** Shell commands that run before the child, such as `ulimit -f 100`. */
  readonly shell?: string
}

export function startChild(args: readonly string[], { uid, shell }: ChildOptions = {}): Child {
  const command =
    shell === undefined
      ? [process.execPath, CHILD, ...args]
      : ['bash', '-c', `${shell}; exec "$@"`, 'bash', process.execPath, CHILD, ...args]
  const [program, ...rest] = command as [string, ...string[]]
  const child = spawn(program, rest, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: uid === undefined ? process.env : { ...process.env, KEYDESK_TEST_UID: String(uid) },
  })
  cleanUp(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const reader = createInterface({ input: child.stdout })
  const ended = new Promise<Awaited<Child['ended']>>((resolve) => {
    child.once('close', (code) => {
      resolve({ last: lines.at(-1), code, errors })
    })
  })
  const heard = <T>(find: () => T | undefined, wanted: string) =>
    new Promise<T>((resolve, reject) => {
      const look = () => {
        const found = find()
        if (found !== undefined) resolve(found)
      }
      look()
      reader.on('line', look)
      void ended.then(() => reject(new Error(`it ended without ${wanted}: ${lines.join('; ')} ${errors}`)))
    })
  reader.on('line', (line) => lines.push(line))
  const said = (pattern: RegExp) => heard(() => lines.find((one) => pattern.test(one)), String(pattern))
  const spoke = async (count: number) =>
    void (await heard(() => (lines.length < count ? undefined : true), `${count} lines`))
  return { process: child, lines, said, spoke, ended }
}

/** Kills the child at a moment when the condition holds. The child is stopped while the condition is checked. */
export async function killWhen({ process: child }: Child, holds: () => boolean): Promise<void> {
  for (;;) {
    child.kill('SIGSTOP')
    await untilStopped(child.pid as number)
    if (holds()) break
    child.kill('SIGCONT')
    // The time is random: otherwise a child that repeats itself might always be stopped at the same point.
    await sleep(5 + Math.random() * 20)
  }
  child.kill('SIGKILL')
}

/** Runs the child to its end and resolves to its last line. Throws if its exit code is not 0. */
export async function runChild(args: readonly string[], options: ChildOptions = {}): Promise<string | undefined> {
  const { last, code, errors } = await startChild(args, options).ended
  if (code !== 0) throw new Error(`the child ended with ${code}: ${errors}`)
  return last
}
