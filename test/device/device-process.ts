/**
 * `keydesk-device` as its own process, with the work factor of the tests.
 * It writes to descriptor 3 when the command is about to begin.
 */
import { writeSync } from 'node:fs'
import { systemContext } from '../../src/context.ts'
import { main } from '../../src/program/keydesk-device.ts'

const context = { ...systemContext(() => Promise.reject(new Error('the device has no agent'))), logN: 10 }
writeSync(3, 'begun\n')
process.exitCode = await main(process.argv.slice(2), context)
