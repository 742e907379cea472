/** Builds the keys of one login in the form in which a command hands them to the agent. */
import { encodeKeys, type Held } from '../../src/agent/keys.ts'
import { drawKeyring, drawOperatorKeys } from '../../src/store/keyring.ts'
import { seededRandom } from '../store/fixtures.ts'

export function heldBy(operator: string, store = '/srv/desk.keydesk'): Held {
  const random = seededRandom(operator)
  const keyring = drawKeyring(['directory', 'secrets'], random)
  const keys = encodeKeys(drawOperatorKeys(random), { sealed: random(200), keyring })
  return { store, storeId: 'aa'.repeat(16), operator, role: 'admin', keys, expiresAt: 0 }
}
