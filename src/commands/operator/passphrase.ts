/** `keydesk operator passphrase`: seals the operator's keys at this workstation under another passphrase. */
import { lockAgent } from '../../agent/client.ts'
import { tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import { findLogin, openLogin } from '../../session/login.ts'
import { type NewPassphraseOptions, readAnotherPassphrase } from '../../session/passphrase.ts'
import { targetOf } from '../../session/target.ts'
import { printAnswer } from '../../term/answer.ts'
import { replaceLogin, sealKeys } from '../../workstation/logins.ts'

export async function changePassphrase(context: Context, options: NewPassphraseOptions): Promise<void> {
  const { places, random, logN } = context
  const login = await findLogin(context, targetOf(context, options))
  const keys = await openLogin(context, options, login)
  const passphrase = await readAnotherPassphrase(context, options)
  await replaceLogin(places, random, login.operatorId, { ...login, slot: sealKeys(keys, passphrase, logN, random) })
  // Locks the agent, so that a person with the old passphrase cannot go on with keys that it unlocked.
  await lockAgent(places, { store: login.store, operator: login.operator })
  await printAnswer(context.io, options, {
    json: { operator: login.operator, store: login.store },
    screen: () => 'Changed. The old passphrase opens nothing here any more.\n',
  })
  tell(context, options, 'note: an older copy of this workstation’s config still opens with the old one')
}
