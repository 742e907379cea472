/**
 * `contender.ts NAME COUNT DEVICE`: one of several processes that change the same store.
 * - It makes COUNT changes with the real command, and repeats a command that ends with `busy`.
 * - At the end it prints how often that happened. Any other exit code ends it with an error.
 */
import { writeSync } from 'node:fs'
import { systemContext } from '../../src/context.ts'
import { EXIT_CODES } from '../../src/errors.ts'
import { main } from '../../src/program/keydesk.ts'

const [name = '', count = '0', device = ''] = process.argv.slice(2)
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
