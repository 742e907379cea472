/**
 * Reads one line of a device management's file as a row of an import.
 * - Every cell is foreign text. Names are checked as on the command line, and other cells must be one of a few words.
 * - A secret is decoded and never shown again.
 */
import { asHexId, decodeBase64Url, decodeHex, type HexId } from '../../crypto/bytes.ts'
import { SECRET_BYTES } from '../../crypto/keys.ts'
import { normalizeUser } from '../../crypto/pin.ts'
import { parseTag } from '../../crypto/tag.ts'
import { foldText } from '../../desk/device/search.ts'
import type { DeviceRow } from '../../desk/import/rows.ts'
import type { Platform, Registration } from '../../desk/records/index.ts'
import { CellFault, type CellReader, readName, readSwitch } from '../../import/cells.ts'
import type { ImportField } from '../../import/columns.ts'

export type DeviceField = keyof Omit<DeviceRow, 'line' | 'owner'>

/** Column names for each field, the most likely first: from keydesk lists, Intune, Jamf and Ivanti (MobileIron). */
export const DEVICE_FIELDS: readonly ImportField<DeviceField>[] = [
  {
    field: 'user',
    names: [
      ...['primaryuserupn', 'userprincipalname', 'upn', 'userprincipal', 'username', 'userid', 'user', 'principal'],
      ...['primaryuseremailaddress', 'useremailaddress', 'emailaddress', 'email', 'mail', 'benutzer', 'utilisateur'],
    ],
  },
  {
    field: 'name',
    names: ['devicename', 'mobiledevicename', 'displayname', 'managementname', 'name', 'geratename', 'nomdelappareil'],
  },
  {
    field: 'platform',
    names: ['platform', 'platformname', 'os', 'operatingsystem', 'ostype', 'plattform', 'betriebssystem'],
  },
  { field: 'model', names: ['model', 'devicemodel', 'modelname', 'modell', 'modele'] },
  {
    field: 'osVersion',
    names: [
      'osversion',
      'operatingsystemversion',
      'iosversion',
      'androidversion',
      'platformversion',
      'betriebssystemversion',
    ],
  },
  { field: 'appVersion', names: ['appversion', 'clientversion', 'applicationversion'] },
  { field: 'registeredBy', names: ['registeredby', 'registration', 'registrationmethod'] },
  { field: 'pinAllowed', names: ['pinallowed', 'allowpin'] },
  {
    field: 'managementId',
    names: [
      ...['managementid', 'deviceid', 'deviceuuid', 'intunedeviceid', 'jamfproid', 'jssmobiledeviceid', 'udid', 'uuid'],
      ...['serialnumber', 'serial', 'seriennummer', 'numerodeserie', 'imei'],
    ],
  },
  { field: 'deviceId', names: [] },
  { field: 'tag', names: ['keydesktag'] },
  { field: 'secret', names: ['secret', 'devicesecret', 'keydesksecret'] },
]

/** Throws a `CellFault` for a cell that is not valid for its field. */
export function readDeviceRow(read: CellReader<DeviceField>, line: number): DeviceRow {
  const user = read('user', readName)
  if (user === null) throw new CellFault('user', 'user-missing', 'it has no user')
  const row: DeviceRow = {
    line,
    user,
    owner: normalizeUser(user),
    name: read('name', readName),
    platform: read('platform', readPlatform),
    model: read('model', readName),
    osVersion: read('osVersion', readName),
    appVersion: read('appVersion', readName),
    registeredBy: read('registeredBy', readRegistration),
    pinAllowed: read('pinAllowed', readSwitch),
    managementId: read('managementId', readName),
    deviceId: read('deviceId', readId),
    tag: read('tag', readTag),
    secret: read('secret', readSecret),
  }
  if (row.secret !== null && (row.deviceId === null || row.tag === null))
    throw new CellFault('secret', 'secret-alone', 'a secret comes with the deviceId and the tag that it belongs to')
  return row
}

/** Platform names of other products, in folded form. */
const PLATFORMS: Readonly<Record<string, Platform>> = {
  ...{ ios: 'ios', iphone: 'ios', iphoneos: 'ios', ipad: 'ios', ipados: 'ios', iosipados: 'ios', ipod: 'ios' },
  ...{ android: 'android', androidenterprise: 'android', androidforwork: 'android', androidaosp: 'android' },
}
const platformsSeen = new Map<string, Platform>()

function readPlatform(cell: string, field: string): Platform {
  const seen = platformsSeen.get(cell)
  if (seen !== undefined) return seen
  // A version or a note may follow the name: iOS 18.2, "Android (Work Profile)".
  const platform =
    PLATFORMS[
      foldText(cell)
        .replace(/\(.*$|[\d.].*$/s, '')
        .replace(/[^a-z]/g, '')
    ]
  if (platform === undefined) throw new CellFault(field, 'bad-platform', 'the platform is neither iOS nor Android')
  if (platformsSeen.size < 100) platformsSeen.set(cell, platform)
  return platform
}

function readRegistration(cell: string, field: string): Registration {
  const word = cell.toLowerCase()
  if (word === 'pin' || word === 'password') return word
  throw new CellFault(field, 'bad-value', 'pin or password is expected')
}

function readId(cell: string, field: string): HexId {
  if (/^[0-9a-f]{32}$/i.test(cell)) return asHexId(cell.toLowerCase())
  throw new CellFault(field, 'bad-id', 'an id of keydesk is 32 hexadecimal digits')
}

function readTag(cell: string, field: string): number {
  // keydesk lists write a tag as a number. Five digits are therefore a number here, not five spoken symbols.
  const tag = parseTag(/^\d{5}$/.test(cell) ? `0${cell}` : cell)
  if (tag === null) throw new CellFault(field, 'bad-tag', 'a tag is a number below 33554432, or five symbols')
  return tag
}

function readSecret(cell: string, field: string): Uint8Array {
  const secret = cell.length === SECRET_BYTES * 2 ? decodeHex(cell) : decodeBase64Url(cell)
  if (secret?.length === SECRET_BYTES) return secret
  throw new CellFault(field, 'bad-secret', `a secret is ${SECRET_BYTES} bytes, in hexadecimal or base64url`)
}
