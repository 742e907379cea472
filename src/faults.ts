/** What a thrown thing means: a refusal of ours, one of the system's, or a fault of ours. No error repeats what might be a secret. */
import { KeydeskError, type Refusal } from './errors.ts'

export function describeError(error: unknown): Refusal {
  if (error instanceof KeydeskError) return error.refusal
  return describeSystem(error) ?? describeFault(error)
}

/** What the system refuses is no fault of ours: no room for an answer, a file that may not be read. */
const SYSTEM_REFUSALS: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE']

function describeSystem(error: unknown): Refusal | null {
  const { code, syscall, path } = (error ?? {}) as NodeJS.ErrnoException
  if (!SYSTEM_REFUSALS.includes(code)) return null
  const what = path === undefined ? syscall : `${syscall} ${path}`
  return { kind: 'refused', reason: 'system', message: `the system refused: ${what} (${code})` }
}

/** Type and place of a fault of ours. Its message is left out: it might quote what it failed on. */
function describeFault(error: unknown): Refusal {
  const hint = 'this is a fault of the program itself; please report it with the line above'
  const { name, code, stack } = error instanceof Error ? (error as NodeJS.ErrnoException) : { name: typeof error }
  const frame = stack?.split('\n').find((line) => line.trimStart().startsWith('at ')) ?? ''
  const parts = [name, code, frame.trim()].filter((part) => part !== undefined && part !== '')
  return { kind: 'internal', reason: 'internal', message: `internal error: ${parts.join(' ')}`, hint }
}
