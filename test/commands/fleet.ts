/**
 * What a device management of an organisation exports, as large as it is asked for: semicolons, a byte order mark, CRLF, names with accents
 * and quotes, columns that are none of ours, users with one to three devices. The same in every run, for tests and for the bench.
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

/** A file of so many devices, as text. */
export function renderFleet(devices: number): string {
  const lines = [`\ufeff${HEADING}`]
  for (let user = 0; lines.length <= devices; user++)
    for (let device = 0; device <= user % 3 && lines.length <= devices; device++) lines.push(renderDevice(user, device))
  return `${lines.join('\r\n')}\r\n`
}

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length] as T

/** A number that looks like none before it: Knuth's multiplicative hash. */
const scatter = (n: number): string => ((n * 2_654_435_761) >>> 0).toString(16).padStart(8, '0')

function renderDevice(user: number, device: number): string {
  const [first, last] = [pick(FIRST, user), pick(LAST, Math.floor(user / FIRST.length))]
  const isApple = (user + device) % 3 !== 0
  const model = pick(isApple ? IPHONES : ANDROIDS, user + device)
  // Who has several has them named alike, as people do; one in fifty puts a quote or a semicolon into a name.
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
