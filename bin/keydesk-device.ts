/**
 * `keydesk-device`: process → main → exit code. It has no agent: files in the device's directory stand in for the
 * memory of an open app.
 */
import { systemContext } from '../src/context.ts'
import { main } from '../src/program/keydesk-device.ts'

// SIGUSR1 would open Node's inspector on a process that holds keys.
process.on('SIGUSR1', () => undefined)

async function run(argv: string[]): Promise<void> {
  process.exitCode = await main(
    argv,
    systemContext(() => Promise.reject(new Error('the device has no agent'))),
  )
}

void run(process.argv.slice(2))
