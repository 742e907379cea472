/**
 * Makes a self-signed certificate for `localhost`, for one test run. It covers as much of X.509 (RFC 5280) as a mail
 * server needs.
 */
import { generateKeyPairSync, sign } from 'node:crypto'

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const hex = (text: string) => Buffer.from(text, 'hex')
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
const oid = (bytes: string) => der(0x06, hex(bytes))
const time = (at: number) => der(0x18, Buffer.from(`${new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '')}`))

const DAY_MS = 86_400_000
const SHA256_WITH_ECDSA = sequence(oid('2a8648ce3d040302'))
const NAME = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from('localhost')))))
/** The subjectAltName: localhost and 127.0.0.1. */
const ALSO = sequence(der(0x82, Buffer.from('localhost')), der(0x87, hex('7f000001')))

export function makeCertificate(): { readonly key: string; readonly cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const now = Date.now()
  const body = sequence(
    der(0xa0, der(0x02, hex('02'))),
    der(0x02, hex('01')),
    SHA256_WITH_ECDSA,
    NAME,
    sequence(time(now - DAY_MS), time(now + DAY_MS)),
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(oid('551d11'), der(0x04, ALSO)))),
  )
  const signature = der(0x03, hex('00'), sign('sha256', body, privateKey))
  const whole = sequence(body, SHA256_WITH_ECDSA, signature).toString('base64')
  const cert = `-----BEGIN CERTIFICATE-----\n${whole.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, cert }
}
