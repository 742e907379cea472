/** Starting `child.ts` in processes of their own, as another user or under limits where a test asks for it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url))
const started = new Set<ChildProcess>()
afterEach(() => {
  for (const child of started) child.kill('SIGKILL')
  started.clear()
})

export type Child = {
  readonly process: ChildProcess
  /** What it has said so far. */
  readonly lines: string[]
  /** Resolves when it has said such a line; rejects if it ends without. */
  readonly said: (pattern: RegExp) => Promise<string>
  /** Its last line, and how it ended. */
  readonly ended: Promise<{ readonly last: string | undefined; readonly code: number | null; readonly errors: string }>
}

export type ChildOptions = {
  readonly uid?: number
  /** Shell commands before it, such as `ulimit -f 100`. */
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
  started.add(child)
  const lines: string[] = []
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const reader = createInterface({ input: child.stdout })
  const ended = new Promise<Awaited<Child['ended']>>((resolve) => {
    child.once('close', (code) => {
      started.delete(child)
      resolve({ last: lines.at(-1), code, errors })
    })
  })
  const said = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = lines.find((one) => pattern.test(one))
        if (line !== undefined) resolve(line)
      }
      look()
      reader.on('line', look)
      void ended.then(() => reject(new Error(`it ended without ${pattern}: ${lines.join('; ')} ${errors}`)))
    })
  reader.on('line', (line) => lines.push(line))
  return { process: child, lines, said, ended }
}

/** Runs it to its end; resolves to its last line. Throws if it ended by a fault. */
export async function runChild(args: readonly string[], options: ChildOptions = {}): Promise<string | undefined> {
  const { last, code, errors } = await startChild(args, options).ended
  if (code !== 0) throw new Error(`the child ended with ${code}: ${errors}`)
  return last
}
