/**
 * `contender.ts NAME COUNT DEVICE STOP`: one of several processes that change the same store.
 * - It makes COUNT changes with the real command, and repeats a command that ends with `busy`.
 * - At the end it prints how often that happened. Any other exit code ends it with an error.
 * - In its commit number STOP it stops itself while it holds the store for writing. With STOP 0 it never stops.
 */
import { writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { systemContext } from '../../src/context.ts'
import { EXIT_CODES } from '../../src/errors.ts'
import { main } from '../../src/program/keydesk.ts'

const [name = '', count = '0', device = '', stop = '0'] = process.argv.slice(2)
let commits = 0
const execute = DatabaseSync.prototype.exec
DatabaseSync.prototype.exec = function exec(sql) {
  execute.call(this, sql)
  if (sql.includes('BEGIN IMMEDIATE') && ++commits === Number(stop)) process.kill(process.pid, 'SIGSTOP')
}
const said: string[] = []
const say = (text: string) => void said.push(text)
const system = systemContext(() => Promise.reject(new Error('the agent is there already')))
const context = { ...system, io: { ...system.io, out: say, err: say }, places: system.places }

let busy = 0
writeSync(1, 'begun\n')
for (let done = 0; done < Number(count); ) {
  const exit = await main(['device', 'block', device, '--reason', `${name}/${done}`, '--json'], context)
  if (exit === 0) done++
  else if (exit === EXIT_CODES.busy) busy++
  else throw new Error(`exit ${exit}: ${said.at(-1)}`)
}
writeSync(1, `busy ${busy}\n`)
