/**
 * File layers that fail at the n-th call that changes a file.
 * - `power`: the power is cut before the call.
 * - `torn`: the power is cut in the middle of a write.
 * - `fault`: the disk reports EIO, and the program goes on.
 * Calls that only read are not counted: a stop there equals a stop before the next change.
 */
import { type FileCalls, nodeFiles } from '../../src/device/durable.ts'

class PowerCut extends Error {}
export type Trouble = 'power' | 'torn' | 'fault'
export const TROUBLES: readonly Trouble[] = ['power', 'torn', 'fault']

const CHANGES = new Set([
  'chmodSync',
  'closeSync',
  'fsyncSync',
  'mkdirSync',
  'openSync',
  'renameSync',
  'rmSync',
  'writeSync',
])

/** The real files without fsync. The power cut is only simulated: fsync proves nothing and takes most of the time. */
export const unsyncedFiles: FileCalls = { ...nodeFiles, fsyncSync: () => undefined }

export type Trace = { readonly calls: string[] }

type Call = (...args: unknown[]) => unknown

/**
 * A file layer with the trouble at change number `at`, counted from 1.
 * `trace` gets the name of each change that was made, with its first argument if that is a path.
 */
export function troubledFiles(at: number, trouble: Trouble, trace: Trace = { calls: [] }): FileCalls {
  let count = 0
  const wrap = (name: string, call: Call): Call => {
    if (!CHANGES.has(name)) return call
    return (...args) => {
      count++
      if (trouble === 'fault' && count === at) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
      // After a cut every change fails, even the cleanup in a `finally`.
      if (trouble !== 'fault' && count >= at) cutPower(name, call, args, count === at && trouble === 'torn')
      trace.calls.push(typeof args[0] === 'string' ? `${name} ${args[0]}` : name)
      return call(...args)
    }
  }
  const calls = Object.entries(unsyncedFiles).filter(([, call]) => typeof call === 'function')
  return Object.fromEntries(calls.map(([name, call]) => [name, wrap(name, call as Call)])) as unknown as FileCalls
}

/**
 * Throws the power cut. A torn write first writes 100 bytes.
 * Close still works, as the kernel closes the files of a dead process.
 * Otherwise thousands of cuts use up the descriptors.
 */
function cutPower(name: string, call: Call, args: unknown[], torn: boolean): never {
  if (torn && name === 'writeSync') call(args[0], (args[1] as Uint8Array).subarray(0, 100))
  if (name === 'closeSync') call(...args)
  throw new PowerCut()
}
