/**
 * Finds the one device that an operator means: by an id, by a tag (five symbols or its number), or by a part of a name
 * or user that only one device has.
 */
import { formatTag, parseTag } from '../crypto/tag.ts'
import { foldText, isNamed } from '../desk/device/search.ts'
import type { Device } from '../desk/records/index.ts'
import { KeydeskError } from '../errors.ts'
import type { Records } from '../store/records.ts'

const SHOWN = 5

/** Throws `notfound`, or `usage` with the candidates if several devices match. */
export async function resolveDevice(records: Records, text: string): Promise<Device> {
  // An empty variable in a runbook would be a part of every name.
  if (text.trim() === '')
    throw new KeydeskError('usage', 'device-missing', 'DEVICE is empty', 'give an id, a tag, or a part of a name')
  return (await findByKey(records, text)) ?? onlyOne(await findByName(records, text), text)
}

async function findByKey(records: Records, text: string): Promise<Device | null> {
  const byId = /^[0-9a-f]{32}$/i.test(text) ? await records.device(text.toLowerCase()) : null
  if (byId !== null) return byId
  const tag = parseTag(text)
  return tag === null ? null : records.deviceByTag(tag)
}

/** Returns the one device whose name equals the text, else all devices whose name or user contains it. */
async function findByName(records: Records, text: string): Promise<Device[]> {
  const named: Device[] = []
  for await (const device of records.devices()) if (isNamed(device, text)) named.push(device)
  const exactly = named.filter(({ name }) => foldText(name) === foldText(text))
  return exactly.length === 1 ? exactly : named
}

function onlyOne(named: readonly Device[], text: string): Device {
  const [found, ...others] = named
  if (found === undefined)
    throw new KeydeskError('notfound', 'no-device', `no device is called ${text}`, 'keydesk device list --search TEXT')
  if (others.length === 0) return found
  const some = named.slice(0, SHOWN).map(({ tag, name, user }) => `${formatTag(tag)} ${name} of ${user}`)
  const more = named.length > SHOWN ? `, and ${named.length - SHOWN} more` : ''
  const message = `${named.length} devices match ${text}: ${some.join(', ')}${more}`
  throw new KeydeskError('usage', 'ambiguous-device', message, 'give its tag, the five symbols before its name')
}
