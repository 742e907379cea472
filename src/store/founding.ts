/** The first commit of a new store: its organisation, the roster's first statement, and the founder's keyring. */
import { DIGEST_BYTES } from '../crypto/section.ts'
import type { Decision } from '../desk/decision.ts'
import type { Operator } from '../desk/records/index.ts'
import { toAnchor } from './chain-standing.ts'
import { createTail, writeChange, writeEntry } from './commit.ts'
import { CommitWriter } from './commit-writer.ts'
import type { DeskOptions } from './desk.ts'
import type { Engine } from './engine.ts'
import type { Keyring, OperatorKeys } from './keyring.ts'
import { foundRoster } from './roster-change.ts'
import { createSealer } from './sealer.ts'

/** `salt` is the salt that the store's id was derived with. */
export type Founding = {
  readonly keys: OperatorKeys
  readonly keyring: Keyring
  readonly me: Operator
  readonly salt: Uint8Array
}

export async function fillStore(
  engine: Engine,
  { keys, keyring, me, salt }: Founding,
  decision: Decision<unknown>,
  { clock, random, anchor }: DeskOptions,
): Promise<void> {
  const first = await engine.commit(async (commit) => {
    const sealer = createSealer(keyring, commit.storeId, random)
    const writer = new CommitWriter(
      commit,
      { keys, keyring, sealer, roster: null },
      new Uint8Array(DIGEST_BYTES),
      random,
    )
    await foundRoster(writer, me, salt)
    for (const change of decision.changes) await writeChange(writer, change)
    return writeEntry(writer, { keys, me }, createTail(commit.storeId), decision, clock())
  })
  await anchor?.keep(toAnchor(first))
}
