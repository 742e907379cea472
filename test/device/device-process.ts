/** `keydesk-device` as a process of its own, at the work factor of tests; says on descriptor 3 that it is about to begin. */
import { writeSync } from 'node:fs'
import { systemContext } from '../../src/context.ts'
import { main } from '../../src/program/keydesk-device.ts'

const context = { ...systemContext(() => Promise.reject(new Error('the device has no agent'))), logN: 10 }
writeSync(3, 'begun\n')
process.exitCode = await main(process.argv.slice(2), context)
