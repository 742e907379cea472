/**
 * Finds the user, and the device of this user, that an operator means. User names are compared as in the exchange:
 * ignoring case and Unicode form.
 */
import { formatTag } from '../crypto/tag.ts'
import type { Device, User } from '../desk/records/index.ts'
import { isOwner } from '../desk/user.ts'
import { KeydeskError } from '../errors.ts'
import type { Records } from '../store/records.ts'
import { resolveDevice } from './device-name.ts'

/** Throws `notfound` if no user has this name. */
export async function resolveUser(records: Records, name: string): Promise<User> {
  const user = name.trim() === '' ? null : await records.user(name)
  if (user !== null) return user
  throw new KeydeskError('notfound', 'no-user', `no user is called ${name}`, 'keydesk user list')
}

export async function listDevicesOf(records: Records, user: User): Promise<Device[]> {
  const devices: Device[] = []
  for await (const device of records.devices()) if (isOwner(user, device)) devices.push(device)
  return devices
}

/**
 * Returns the named device, or else the only one that passes `wanted`. Throws `notfound`, or `usage` if several devices
 * match or the named device belongs to another user.
 */
export async function resolveDeviceOf(
  records: Records,
  user: User,
  name: string | undefined,
  wanted: (device: Device) => boolean = ({ state }) => state !== 'retired',
): Promise<Device> {
  if (name !== undefined) return resolveNamed(records, user, name)
  const devices = await listDevicesOf(records, user)
  const some = devices.filter(wanted)
  const [found, ...others] = some.length > 0 ? some : devices
  if (found === undefined) throw noDevice(user)
  if (others.length === 0) return found
  const list = [found, ...others].map((device) => `${formatTag(device.tag)} ${device.name}`).join(', ')
  const message = `${user.name} has ${others.length + 1} devices: ${list}`
  throw new KeydeskError('usage', 'ambiguous-device', message, 'say which: --device TAG')
}

async function resolveNamed(records: Records, user: User, name: string): Promise<Device> {
  const device = await resolveDevice(records, name)
  if (isOwner(user, device)) return device
  const message = `${device.name} is a device of ${device.user}, not of ${user.name}`
  throw new KeydeskError('usage', 'other-user', message, 'keydesk device list --user USER')
}

function noDevice({ name }: User): KeydeskError {
  return new KeydeskError('notfound', 'no-device', `${name} has no device`, 'keydesk device invite --user USER')
}
