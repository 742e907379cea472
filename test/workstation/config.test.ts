/**
 * The workstation's config.
 * - It is written whole or not at all.
 * - It is refused if somebody edited it.
 * - Another process or a full disk does not destroy it.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { asHexId } from '../../src/crypto/bytes.ts'
import { hasWorkstation, type Login, openWorkstation, type WorkstationConfig } from '../../src/workstation/config.ts'
import type { Places } from '../../src/workstation/places.ts'
import { systemPlaces } from '../../src/workstation/places.ts'
import { flipBit } from '../crypto/fixtures.ts'
import { createHome, inShell } from '../fake-context.ts'
import { catchRefusal, expectRefusal, isRoot, NOBODY, seededRandom, uid } from '../store/fixtures.ts'
import { runChild, startChild } from '../store/processes.ts'

const random = seededRandom('workstation')
const EMPTY = { defaultStore: null, logins: [], anchors: {}, requests: [] }

const loginOf = (operator: string): Login => ({
  store: '/srv/desk.keydesk',
  storeId: 'aa',
  operator,
  operatorId: asHexId('bb'),
  slot: 'cc',
})

type Made = { places: Places; key: string; sealed: string; open: () => ReturnType<typeof openWorkstation> }

function createPlaces(home = createHome()): Made {
  const places = systemPlaces('linux', { HOME: home }, uid)
  const file = (name: string) => join(places.config, name)
  return {
    places,
    key: file('workstation.key'),
    sealed: file('workstation.keydesk'),
    open: () => openWorkstation(places, random),
  }
}

/** A workstation with one login. */
async function create(home?: string): Promise<Made> {
  const made = createPlaces(home)
  await (await made.open()).update((config) => ({
    ...config,
    defaultStore: '/srv/desk.keydesk',
    logins: [loginOf('anna')],
  }))
  return made
}

const readBack = async ({ open }: Made): Promise<WorkstationConfig> => (await open()).read()
const addLogin = async ({ open }: Made, operator: string) =>
  (await open()).update((config) => ({ ...config, logins: [...config.logins, loginOf(operator)] }))
const modeOf = (path: string) => statSync(path).mode & 0o7777

describe('a config', () => {
  test('is empty if there was none, and reading creates no file', async () => {
    const made = createPlaces()
    expect(hasWorkstation(made.places)).toBe(false)
    expect(await readBack(made)).toEqual(EMPTY)
    expect(readdirSync(made.places.config)).toEqual([])
  })

  test('reads back as it was written, again and again', async () => {
    const made = await create()
    expect(hasWorkstation(made.places)).toBe(true)
    await addLogin(made, 'ben')
    const workstation = await made.open()
    const config = { defaultStore: '/srv/desk.keydesk', logins: [loginOf('anna'), loginOf('ben')] }
    expect(workstation.read()).toEqual({ ...config, anchors: {}, requests: [] })
    await workstation.update(() => ({ defaultStore: null, logins: [], anchors: {}, requests: [] }))
    expect(workstation.read()).toEqual(EMPTY)
    expect(await readBack(made)).toEqual(EMPTY)
  })

  test('keeps paths unchanged, even with decomposed letters and dots', async () => {
    const made = await create()
    const store = '/srv/Zoe\u0308/\u212b.keydesk/a.b.__proto__'
    await (await made.open()).update((config) => ({
      ...config,
      defaultStore: store,
      logins: [{ ...loginOf('anna'), store }],
    }))
    expect((await readBack(made)).defaultStore).toBe(store)
    expect((await readBack(made)).logins[0]?.store).toBe(store)
  })

  test('has mode 0600 in a directory of mode 0700 with any umask, beside only its key and its lock', async () => {
    const umask = process.umask(0)
    try {
      const made = await create()
      await addLogin(made, 'ben')
      expect([made.places.config, made.key, made.sealed].map(modeOf)).toEqual([0o700, 0o600, 0o600])
      expect(readdirSync(made.places.config).sort()).toEqual([
        'workstation.key',
        'workstation.keydesk',
        'workstation.lock',
      ])
      expect(modeOf(join(made.places.config, 'workstation.lock'))).toBe(0o600)
    } finally {
      process.umask(umask)
    }
  })

  test('shows no name and no path in its file, and its bytes change with every write', async () => {
    const made = await create()
    const first = readFileSync(made.sealed, 'utf8')
    for (const word of ['anna', 'desk', 'logins', Buffer.from('anna').toString('base64url')])
      expect(first).not.toContain(word)
    await (await made.open()).update((config) => config)
    expect(readFileSync(made.sealed, 'utf8')).not.toBe(first)
  })

  test('stays unchanged if its update throws', async () => {
    const made = await create()
    const before = readFileSync(made.sealed)
    const update = (await made.open()).update(() => {
      throw new Error('a fault')
    })
    await expect(update).rejects.toThrow('a fault')
    expect(readFileSync(made.sealed)).toEqual(before)
    await addLogin(made, 'ben')
  })
})

describe('an edited config is damaged and is not overwritten:', () => {
  async function expectDamaged(made: Made): Promise<void> {
    const before = readdirSync(made.places.config).map((name) => [
      name,
      readFileSync(join(made.places.config, name), 'latin1'),
    ])
    await expectRefusal('damaged', 'damaged-config', () => readBack(made))
    await expectRefusal('damaged', 'damaged-config', () => addLogin(made, 'ben'))
    expect(
      readdirSync(made.places.config).map((name) => [name, readFileSync(join(made.places.config, name), 'latin1')]),
    ).toEqual(before)
  }

  test.each(['{"defaultStore":"/tmp/theirs","logins":[]}', '{}', '', '\n', 'null', 'A'.repeat(54)])(
    'the file %j in its place',
    async (text) => {
      const made = await create()
      writeFileSync(made.sealed, text)
      await expectDamaged(made)
    },
  )

  test('a changed bit in any byte, a cut, or one more letter', async () => {
    const made = await create()
    const sealed = readFileSync(made.sealed)
    const workstation = await made.open()
    const damaged: Uint8Array[] = [
      sealed.subarray(0, -1),
      Buffer.concat([sealed, Buffer.from('A')]),
      Buffer.concat([sealed, Buffer.from('\n')]),
    ]
    for (let at = 0; at < sealed.length; at++) damaged.push(flipBit(sealed, at, at % 6))
    for (const bytes of damaged) {
      writeFileSync(made.sealed, bytes)
      expect((await catchRefusal(() => workstation.read())).reason).toBe('damaged-config')
    }
    writeFileSync(made.sealed, sealed)
    expect(workstation.read().logins).toEqual([loginOf('anna')])
  })

  test('a key with a changed bit in any byte, cut short, or longer', async () => {
    const made = await create()
    const key = readFileSync(made.key)
    for (const bytes of [
      key.subarray(1),
      Buffer.concat([key, key]),
      Buffer.alloc(0),
      ...Array.from(key, (_, at) => flipBit(key, at)),
    ]) {
      writeFileSync(made.key, bytes)
      await expectRefusal('damaged', 'damaged-config', () => readBack(made))
    }
    await expectDamaged(made)
  })

  test('a missing key, and no new key is drawn', async () => {
    const made = await create()
    rmSync(made.key)
    await expectDamaged(made)
    expect(existsSync(made.key)).toBe(false)
  })

  test('in contrast, a missing config is read as empty, and its key stays', async () => {
    const made = await create()
    const key = readFileSync(made.key)
    rmSync(made.sealed)
    expect(await readBack(made)).toEqual(EMPTY)
    await addLogin(made, 'ben')
    expect(readFileSync(made.key)).toEqual(key)
  })

  test('the config of another workstation', async () => {
    const [made, other] = [await create(), await create()]
    copyFileSync(other.sealed, made.sealed)
    await expectDamaged(made)
  })
})

describe('modes', () => {
  test.each(['key', 'sealed'] as const)(
    'that let others write the %s file are refused with the command that fixes them',
    async (file) => {
      const made = await create()
      chmodSync(made[file], 0o620)
      for (const act of [() => readBack(made), () => addLogin(made, 'ben')]) {
        const { hint } = await expectRefusal('refused', 'writable-by-others', act)
        expect(hint).toBe(`chmod go-w ${inShell(made[file])}`)
      }
      chmodSync(made[file], 0o600)
      expect((await readBack(made)).logins).toHaveLength(1)
    },
  )

  test('a directory that others may write is refused before a key is drawn in it', async () => {
    const made = createPlaces()
    mkdirSync(made.places.config, { recursive: true })
    chmodSync(made.places.config, 0o777)
    const { hint } = await expectRefusal('refused', 'writable-by-others', () => made.open())
    expect(hint).toBe(`chmod go-w ${inShell(made.places.config)}`)
    expect(readdirSync(made.places.config)).toEqual([])
  })

  test('files of another user are refused', async () => {
    const made = await create()
    if (isRoot) chownSync(made.sealed, NOBODY, NOBODY)
    const places = isRoot ? made.places : { ...made.places, uid: (uid ?? 0) + 1 }
    await expectRefusal('refused', 'foreign-owner', async () => (await openWorkstation(places, random)).read())
  })

  test('a path where no directory can be made is refused', async () => {
    const home = createHome()
    writeFileSync(join(home, '.config'), '')
    await expectRefusal('refused', 'no-such-place', () => create(home))
  })

  test.each(['', '.config/keydesk'])(
    'a home whose directory "%s" is read-only is refused, and its files stay',
    async (directory) => {
      const home = createHome()
      const made = directory === '' ? createPlaces(home) : await create(home)
      const before = directory === '' ? null : readFileSync(made.sealed)
      // Root may write everywhere, so the home is given to another user.
      if (isRoot) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, home])
      chmodSync(join(home, directory), 0o500)
      expect(await runChild(['logins', home, 'a', '1'], isRoot ? { uid: NOBODY } : {})).toBe('refused not-writable')
      chmodSync(join(home, directory), 0o700)
      expect(existsSync(made.sealed) ? readFileSync(made.sealed) : null).toEqual(before)
    },
  )

  test('a config behind a link can be updated and read', async () => {
    const made = await create()
    const elsewhere = join(createHome(), 'real.keydesk')
    copyFileSync(made.sealed, elsewhere)
    chmodSync(elsewhere, 0o600)
    rmSync(made.sealed)
    symlinkSync(elsewhere, made.sealed)
    await addLogin(made, 'ben')
    expect((await readBack(made)).logins).toHaveLength(2)
  })
})

describe('many processes', () => {
  test('lose no update: eight of them make ten updates each', async () => {
    const home = createHome()
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    expect(await Promise.all(names.map((name) => runChild(['logins', home, name, '10'])))).toEqual(
      names.map(() => 'ok'),
    )
    const { logins } = await readBack(createPlaces(home))
    const stores = logins.map(({ store }) => store)
    expect(stores.sort()).toEqual(names.flatMap((name) => Array.from({ length: 10 }, (_, i) => `/${name}/${i}`)))
    // Each process wrote ten logins under its own name.
    for (const name of names) expect(logins.filter(({ operator }) => operator === name)).toHaveLength(10)
  })

  test('get "busy" while one holds the lock too long, until that one is killed', async () => {
    const made = await create()
    const lock = join(made.places.config, 'workstation.lock')
    const holder = startChild(['lock', lock])
    await holder.said(/holding/)
    holder.process.kill('SIGSTOP')
    // Reading needs no lock, because a config is replaced whole.
    expect((await readBack(made)).logins).toHaveLength(1)
    const waiter = startChild(['lock', lock, '200'])
    expect((await waiter.ended).last).toBe('busy busy')
    holder.process.kill('SIGKILL')
    await holder.ended
    await addLogin(made, 'ben')
    expect((await readBack(made)).logins).toHaveLength(2)
  })
})

describe('an update that is cut short', () => {
  test('is undone if the new config is not whole, and kept if it is', async () => {
    const made = await create()
    const old = readFileSync(made.sealed)
    await addLogin(made, 'ben')
    const next = readFileSync(made.sealed)
    const before = `${made.sealed}.before`
    const cases: [Uint8Array | null, number][] = [
      [next.subarray(0, 100), 1],
      [new Uint8Array(0), 1],
      [null, 1],
      [next, 2],
    ]
    for (const [bytes, logins] of cases) {
      writeFileSync(before, old)
      rmSync(made.sealed)
      if (bytes !== null) writeFileSync(made.sealed, bytes, { mode: 0o600 })
      expect((await readBack(made)).logins).toHaveLength(logins)
      expect(existsSync(before)).toBe(false)
      expect(modeOf(made.sealed) & 0o022).toBe(0)
    }
  })

  test('while the copy is made leaves the config unchanged', async () => {
    const made = await create()
    writeFileSync(`${made.sealed}.before`, 'half of')
    await addLogin(made, 'ben')
    expect((await readBack(made)).logins).toHaveLength(2)
    expect(readdirSync(made.places.config)).toHaveLength(3)
  })

  test('and has lost its key leaves both copies unchanged', async () => {
    const made = await create()
    copyFileSync(made.sealed, `${made.sealed}.before`)
    rmSync(made.key)
    await expectRefusal('damaged', 'damaged-config', () => readBack(made))
    expect(readdirSync(made.places.config).sort()).toEqual([
      'workstation.keydesk',
      'workstation.keydesk.before',
      'workstation.lock',
    ])
  })

  test('does not fall back to the copy if the modes are refused', async () => {
    const made = await create()
    copyFileSync(made.sealed, `${made.sealed}.before`)
    await addLogin(made, 'ben')
    copyFileSync(made.sealed, `${made.sealed}.before`)
    const newest = readFileSync(made.sealed)
    chmodSync(made.sealed, 0o666)
    await expectRefusal('refused', 'writable-by-others', () => readBack(made))
    chmodSync(made.sealed, 0o600)
    expect(readFileSync(made.sealed)).toEqual(newest)
  })
})

describe('a full disk', () => {
  const mounted: string[] = []
  afterEach(() => {
    for (const directory of mounted.splice(0)) execFileSync('umount', [directory])
  })

  function mountSmallDisk(): string | null {
    const directory = join(createHome(), 'disk')
    mkdirSync(directory)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', directory], { stdio: 'ignore' })
    } catch {
      return null
    }
    mounted.push(directory)
    return directory
  }

  /** Fills the disk except for `pages` pages of 4 KB. */
  const fillDisk = (directory: string, pages: number) =>
    execFileSync(
      'bash',
      [
        '-c',
        `rm -f ballast; head -c 1000000 /dev/zero > ballast; truncate -s $(( ($(stat -c %s ballast) / 4096 - ${pages}) * 4096 )) ballast`,
      ],
      { cwd: directory, stdio: 'ignore' },
    )

  const disk = isRoot ? test : test.skip

  disk('at any page: the update is refused and the config is the old one, or it is the new one', async () => {
    const directory = mountSmallDisk()
    if (directory === null) return
    const made = await create(directory)
    // Long enough for several pages, so that a write in part is possible.
    const long = 'x'.repeat(9_000)
    await (await made.open()).update((config) => ({ ...config, defaultStore: long }))
    const results: string[] = []
    for (let pages = 0; pages < 12; pages++) {
      fillDisk(directory, pages)
      const { logins } = await readBack(made)
      const result = await addLogin(made, `o${pages}`).then(
        () => 'ok',
        (error) => error.refusal.reason,
      )
      results.push(result)
      expect((await readBack(made)).logins).toHaveLength(logins.length + (result === 'ok' ? 1 : 0))
      expect((await readBack(made)).defaultStore).toBe(long)
      expect(existsSync(`${made.sealed}.before`)).toBe(false)
    }
    expect(results[0]).toBe('disk-full')
    expect(results.at(-1)).toBe('ok')
    expect(new Set(results)).toEqual(new Set(['disk-full', 'ok']))
  })

  test('by a limit on the size of files: the update is refused and the config is the old one', async () => {
    const home = createHome()
    const child = startChild(['logins', home, 'a', '200'], { shell: 'ulimit -f 32' })
    const { last, code, errors } = await child.ended
    expect([last, code, errors]).toEqual(['refused disk-full', 0, ''])
    const { logins } = await readBack(createPlaces(home))
    expect(logins.length).toBeGreaterThan(10)
    expect(logins.length).toBeLessThan(200)
    await addLogin(createPlaces(home), 'b')
  })
})
