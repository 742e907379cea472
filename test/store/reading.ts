/** Fills a desk with a few records of every kind, and reads everything in it as one text. */
import { encodeHex } from '../../src/crypto/bytes.ts'
import { type Desk, openDesk } from '../../src/store/desk.ts'
import type { Engine } from '../../src/store/engine.ts'
import type { OpenedKeyring } from '../../src/store/keyring.ts'
import { type Founder, inviteDevice } from './fixtures.ts'

export const TAGS = [5, 6]
export const USERS = ['zoe@example.ch', 'max@example.ch']

/** Adds two devices of two users. */
export async function populate(desk: Desk, { options }: Founder): Promise<void> {
  for (const [i, tag] of TAGS.entries()) await inviteDevice(desk, options.random, tag, { user: USERS[i] as string })
}

/** Reads everything as the founder. Returns it as JSON. Throws the errors of the desk. */
export async function readEverything(
  engine: Engine,
  { keys, options, me }: Founder,
  opened: OpenedKeyring | null = null,
): Promise<string> {
  const desk = await openDesk(engine, keys, options, { opened })
  return desk.read(async (records) => {
    const read: unknown[] = [desk.me, await records.organisation(), await records.operator(me.operatorId)]
    for await (const device of records.devices()) read.push(device, encodeHex(await records.deviceSecret(device)))
    for (const tag of TAGS) read.push(await records.deviceByTag(tag))
    for (const user of USERS) read.push(await records.user(user))
    for await (const entry of records.entries(0)) read.push(entry)
    return JSON.stringify(read)
  })
}
