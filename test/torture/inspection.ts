/** Reads a real desk's store without the programs: its faults, audit entries and devices. */
import type { AuditEntry, Device } from '../../src/desk/records/index.ts'
import { findLogin, openLogin } from '../../src/session/login.ts'
import { openDesk } from '../../src/store/desk.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import type { Machine } from '../acceptance/programs.ts'
import { PASSPHRASE } from '../commands/bench.ts'
import { type FakeContext, fakeContext } from '../fake-context.ts'
import { findFaults } from '../store/verify/verifying.ts'

export type Seen = {
  /** The faults that verifying finds: empty for a store that is whole. */
  readonly faults: readonly string[]
  readonly entries: readonly AuditEntry[]
  readonly devices: readonly Device[]
}
export type Inspect = () => Promise<Seen>

/** Runs the key derivation of the passphrase once. Each call of the returned function opens the file again. */
export async function openInspection({ home, env }: Machine): Promise<Inspect> {
  const context: FakeContext = fakeContext({ home, env, logN: 17, input: `${PASSPHRASE}\n` })
  const login = await findLogin(context, { store: undefined, operator: undefined })
  const keys = await openLogin(context, { input: false, color: false, passphraseFile: '-' }, login)
  return async () => {
    const engine = openSqlite(login.store, { uid: context.places.uid })
    try {
      const desk = await openDesk(engine, keys, context)
      const entries: AuditEntry[] = []
      const devices: Device[] = []
      await desk.read(async (records) => {
        for await (const entry of records.entries(0)) entries.push(entry)
        for await (const device of records.devices()) {
          await records.deviceSecret(device)
          devices.push(device)
        }
      })
      const founder = {
        keys,
        keyring: desk.opened.keyring,
        me: desk.me,
        storeId: new Uint8Array(16),
        salt: new Uint8Array(16),
      }
      const options = { nowMs: 0, clock: context.clock, random: context.random }
      return { faults: await findFaults(engine, { ...founder, options }), entries, devices }
    } finally {
      await engine.close()
    }
  }
}
