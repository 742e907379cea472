/**
 * The CSV export of a device management, with as many devices as the caller asks for: semicolons, a byte order mark,
 * CRLF, names with accents and quotes, columns that keydesk does not use, and users with one to three devices. It is
 * the same in every run, for tests and for the benchmark.
 */
const FIRST = [
  'Zoë',
  'Jörg',
  'Anaïs',
  'François',
  'Łukasz',
  'Maria',
  'Max',
  'Ønne',
  'Sophie',
  'Tomáš',
  'Ursula',
  'Walter',
]
const LAST = ['Müller', 'Rossi', 'Dupont', 'Nováková', 'Schmidt', 'García', 'O’Neill', 'Keller', 'Weiß', 'Smith']
const IPHONES = ['iPhone 15', 'iPhone 16', 'iPhone 16 Pro', 'iPhone 17', 'iPad Air (M3)']
const ANDROIDS = ['Galaxy S25', 'Galaxy Tab Active5', 'Pixel 10', 'XCover 7']

const HEADING =
  'Device ID;Device name;Primary user UPN;OS;OS version;Model;Manufacturer;Serial number;Compliance;Last check-in'

/** The columns of a device that is enrolled elsewhere; the secret is base64url. */
export type Enrolled = { readonly deviceId: string; readonly tag: number; readonly secret: string }
/**
 * `from`: number of the first device, for a fleet in several files. `enrolled` adds three columns and gives their
 * values.
 */
export type FleetOptions = { readonly from?: number; readonly enrolled?: (at: number) => Enrolled }

/** A file of that many devices, as text. */
export function renderFleet(devices: number, { from = 0, enrolled }: FleetOptions = {}): string {
  const lines = [`\ufeff${HEADING}${enrolled === undefined ? '' : ';deviceId;tag;secret'}`]
  for (let at = from; at < from + devices; at++) {
    const { user, device } = ownerOf(at)
    lines.push(renderDevice(user, device) + renderEnrolled(enrolled?.(at)))
  }
  return `${lines.join('\r\n')}\r\n`
}

const renderEnrolled = (enrolled: Enrolled | undefined): string =>
  enrolled === undefined ? '' : `;${enrolled.deviceId};${enrolled.tag};${enrolled.secret}`

/** Of each six devices, one user owns one, one owns two, and one owns three. */
const IN_SIX = [0, 1, 1, 2, 2, 2]
const NTH = [0, 0, 1, 0, 1, 2]

/** The number of the device's user, and its number among that user's devices; both count from 0. */
export function ownerOf(at: number): { readonly user: number; readonly device: number } {
  return { user: Math.floor(at / 6) * 3 + (IN_SIX[at % 6] as number), device: NTH[at % 6] as number }
}

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T

/** Eight hex digits that differ strongly from those of the next number: Knuth's multiplicative hash. */
const scatter = (n: number): string => ((n * 2_654_435_761) >>> 0).toString(16).padStart(8, '0')

function renderDevice(user: number, device: number): string {
  const [first, last] = [pick(FIRST, user), pick(LAST, Math.floor(user / FIRST.length))]
  const isApple = (user + device) % 3 !== 0
  const model = pick(isApple ? IPHONES : ANDROIDS, user + device)
  // Devices of one user have similar names, as in practice. Those of one user in fifty contain quotes and a semicolon.
  const name = user % 50 === 0 ? `"${first}’s ""${model}""; ${device + 1}"` : `${model} von ${first} ${last}`
  const id = `${scatter(user)}-${scatter(device).slice(0, 4)}-4a7e-8c21-${scatter(user * 7 + device)}0000`
  return [
    id,
    name,
    `user${user}@example.ch`,
    isApple ? 'iOS' : 'Android (corporate-owned)',
    isApple ? `18.${user % 7}` : '15',
    model,
    isApple ? 'Apple' : 'Samsung',
    `SN${scatter(user * 3 + device).toUpperCase()}`,
    'Compliant',
    '2026-03-01 08:15:00',
  ].join(';')
}
