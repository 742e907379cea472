/** Guards which device a DEVICE argument finds (exactly one, or none), and the list of devices that a person sees. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Bench, createDesk, expectOk, invitePhone, type Phone, readJson, run } from './bench.ts'

let bench: Bench
const phones: Record<string, Phone> = {}
beforeAll(async () => {
  bench = await createDesk()
  for (const name of ['phone', 'phone 2', 'Zoë', 'b0b12'])
    phones[name] = await invitePhone(bench, `${name}@example.ch`, name)
})

const show = (word: string) => run(bench, ['device', 'show', word, '--json'])
const tagOf = (name: string): string => (phones[name] as Phone).resetCode().slice(0, 5)

describe('DEVICE', () => {
  it.each([
    ['its id', 'Zoë', () => (phones['Zoë'] as Phone).deviceId],
    ['its id in capitals', 'Zoë', () => (phones['Zoë'] as Phone).deviceId.toUpperCase()],
    ['its tag', 'Zoë', () => tagOf('Zoë')],
    ['its tag in lower case', 'Zoë', () => tagOf('Zoë').toLowerCase()],
    ['its tag as a number', 'Zoë', () => String((phones['Zoë'] as Phone).tag).padStart(6, '0')],
    ['its name, though it is a part of another', 'phone', () => 'PHONE'],
    ['a part of its name', 'phone 2', () => 'ne 2'],
    ['its name without accents', 'Zoë', () => 'zoe'],
    ['a part of its user', 'phone 2', () => 'phone 2@'],
    ['a name that could be a tag', 'b0b12', () => 'b0b12'],
  ])('finds a device by %s', async (_, name, word) => {
    const { exit, out, err } = await show(word())
    expect(err).toBe('')
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ name })
  })

  it('finds none if several match; at most five of them are shown with their tags', async () => {
    const { exit, err } = await show('example')
    expect(exit).toBe(2)
    expect(JSON.parse(err).error.message).toContain(
      `4 devices match example: ${tagOf('phone')} phone of phone@example.ch`,
    )
    for (const n of [3, 4]) await invitePhone(bench, `more${n}@example.ch`)
    expect((await show('example')).err).toContain(', and 1 more')
  })
})

describe('device list', () => {
  it('counts the devices that --limit left out', async () => {
    const { out, err } = await run(bench, ['device', 'list', '--limit', '2'], { terminal: true })
    expect(out.split('\n')).toHaveLength(4)
    expect(err).toMatch(/^\d more; without --limit all are listed\n$/)
  })

  it('shows a person the alarm of an old code; a script finds it in alarmAt', async () => {
    const phone = phones['Zoë'] as Phone
    await expectOk(bench, ['reset', 'confirm', phone.resetCode(1), '--quiet'])
    expect(await run(bench, ['reset', 'confirm', phone.resetCode(0)])).toMatchObject({ exit: 4 })
    const options = { terminal: true, columns: 120, env: { NO_COLOR: '1' } }
    expect((await run(bench, ['device', 'list', '--user', 'zoe@example.ch'], options)).out).toContain('active, alarm')
    expect(await expectOk(bench, ['device', 'list', '--user', 'zoe@example.ch'])).toContain('\tactive\t')
    const [listed] = await readJson<{ alarmAt: string }[]>(bench, ['device', 'list', '--user', 'zoe@example.ch'])
    expect(listed?.alarmAt).toBe('2026-03-02T09:00:00.000Z')
  })
})
