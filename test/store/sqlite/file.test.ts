/**
 * Tests the store's file.
 * - Creating never replaces a file, and opening refuses every file that is not a whole store.
 * - An older format is migrated in one transaction.
 * - Nobody else may be able to write the file, its journal or its directory.
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
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import type { Engine } from '../../../src/store/engine.ts'
import { connect, createSqlite, openSqlite, requireNoStore } from '../../../src/store/sqlite/open.ts'
import { APPLICATION_ID, STEPS, type Step } from '../../../src/store/sqlite/schema.ts'
import { filled } from '../../crypto/fixtures.ts'
import { createHome, inShell } from '../../fake-context.ts'
import { expectRefusal, isRoot, NOBODY, peek, tamper, uid } from '../fixtures.ts'
import { runChild } from '../processes.ts'

const STORE_ID = filled(16, 7)
const ROW = { id: filled(16, 1), generation: 1, listed: filled(40, 2), secret: filled(57, 3) }

async function fill(engine: Engine): Promise<void> {
  await engine.commit((commit) => commit.putRow('device', ROW))
}

/** Creates a store with one row, by default in a directory of its own. Returns its path. */
async function create(path = join(createHome(), 'desk.keydesk')): Promise<string> {
  await createSqlite(path, STORE_ID, fill)
  return path
}

const open = (path: string, steps?: readonly Step[]) =>
  openSqlite(path, { uid, busyTimeoutMs: 50, ...(steps && { steps }) })

/** The store's id and its row, read from the file. */
async function readBack(path: string, steps?: readonly Step[]): Promise<unknown> {
  const engine = open(path, steps)
  try {
    return await engine.read(async (snapshot) => [snapshot.storeId, await snapshot.getRow('device', ROW.id)])
  } finally {
    await engine.close()
  }
}

const modeOf = (path: string) => statSync(path).mode & 0o7777

describe('creating a store', () => {
  test('makes one file of mode 0600 with keydesk’s application id, and no other file', async () => {
    const umask = process.umask(0)
    try {
      const path = await create()
      expect(modeOf(path)).toBe(0o600)
      expect(readdirSync(dirname(path))).toEqual(['desk.keydesk'])
      expect(readFileSync(path).readUInt32BE(68)).toBe(APPLICATION_ID)
      expect(readFileSync(path).readUInt32BE(60)).toBe(STEPS.length)
      expect(await readBack(path)).toEqual([STORE_ID, ROW])
    } finally {
      process.umask(umask)
    }
  })

  test.each(['a file', 'a directory', 'a link to nothing'])('never touches %s that exists', async (what) => {
    const path = join(createHome(), 'desk.keydesk')
    if (what === 'a file') writeFileSync(path, 'mine')
    if (what === 'a directory') mkdirSync(path)
    if (what === 'a link to nothing') symlinkSync(join(path, '..', 'nothing'), path)
    await expectRefusal('refused', 'store-exists', () => requireNoStore(path))
    await expectRefusal('refused', 'store-exists', () => createSqlite(path, STORE_ID, fill))
    expect(readdirSync(dirname(path))).toEqual(['desk.keydesk'])
    if (what === 'a file') expect(readFileSync(path, 'utf8')).toBe('mine')
  })

  test('does not replace a store that takes the name meanwhile', async () => {
    const path = join(createHome(), 'desk.keydesk')
    const second = { ...ROW, generation: 2 }
    const losing = createSqlite(path, filled(16, 8), async (engine) => {
      await engine.commit((commit) => commit.putRow('device', second))
      await createSqlite(path, STORE_ID, fill)
    })
    await expectRefusal('refused', 'store-exists', () => losing)
    expect(await readBack(path)).toEqual([STORE_ID, ROW])
    expect(readdirSync(dirname(path))).toEqual(['desk.keydesk'])
  })

  test('succeeds in one of six processes at once, and the others leave no file', async () => {
    const path = join(createHome(), 'desk.keydesk')
    const ends = await Promise.all([1, 2, 3, 4, 5, 6].map(() => runChild(['create', path])))
    expect(ends.sort()).toEqual(['ok', ...new Array(5).fill('refused store-exists')])
    expect(readdirSync(dirname(path))).toEqual(['desk.keydesk'])
    expect(await runChild(['read', path])).toBe('ok')
  })

  test('leaves no file if filling the store fails', async () => {
    const path = join(createHome(), 'desk.keydesk')
    const failing = createSqlite(path, STORE_ID, async (engine) => {
      await fill(engine)
      throw new Error('no passphrase')
    })
    await expect(failing).rejects.toThrow('no passphrase')
    expect(readdirSync(dirname(path))).toEqual([])
  })

  test('is refused if its directory does not exist or its name is too long', async () => {
    const home = createHome()
    writeFileSync(join(home, 'file'), '')
    for (const path of [join(home, 'none', 'a'), join(home, 'file', 'a'), join(home, 'x'.repeat(300))]) {
      await expectRefusal('refused', 'no-such-place', () => createSqlite(path, STORE_ID, fill))
    }
  })
})

describe('opening a store', () => {
  test('throws notfound if there is no file, and creates none', async () => {
    const path = join(createHome(), 'desk.keydesk')
    await expectRefusal('notfound', 'no-store', () => open(path))
    symlinkSync(`${path}.gone`, path)
    await expectRefusal('notfound', 'no-store', () => open(path))
    expect(existsSync(`${path}.gone`)).toBe(false)
  })

  test('refuses a directory', async () => {
    await expectRefusal('refused', 'not-a-file', () => open(createHome()))
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a byte', Buffer.alloc(1)],
    ['text', Buffer.from('{"devices": []}\n'.repeat(500))],
    ['zeros', Buffer.alloc(8192)],
    ['a header alone', Buffer.from('SQLite format 3\0')],
  ])('throws damaged for a file of %s', async (_, bytes) => {
    const path = join(createHome(), 'desk.keydesk')
    writeFileSync(path, bytes, { mode: 0o600 })
    await expectRefusal('damaged', 'damaged-store', () => readBack(path))
    expect(readFileSync(path)).toEqual(bytes)
  })

  test('throws damaged for a store that is cut off at any length', async () => {
    const path = await create()
    const whole = readFileSync(path)
    for (let length = whole.length - 1; length >= 0; length -= 251) {
      writeFileSync(path, whole)
      truncateSync(path, length)
      await expectRefusal('damaged', null, () => readBack(path))
    }
  })

  test.each(['delete', 'wal'])(
    'throws damaged for another program’s database (journal %s), and does not change it',
    async (mode) => {
      const path = join(createHome(), 'places.sqlite')
      tamper(path, `PRAGMA journal_mode = ${mode}; CREATE TABLE moz_places (id INTEGER PRIMARY KEY)`)
      chmodSync(path, 0o600)
      const before = readFileSync(path)
      await expectRefusal('damaged', 'damaged-store', () => readBack(path))
      expect(readFileSync(path)).toEqual(before)
    },
  )

  test('throws damaged for a store that was put into WAL mode', async () => {
    const path = await create()
    tamper(path, 'PRAGMA journal_mode = WAL')
    await expectRefusal('damaged', 'damaged-store', () => readBack(path))
  })

  test.each([
    'CREATE TRIGGER later AFTER INSERT ON entry BEGIN DELETE FROM entry; END',
    'CREATE VIEW devices AS SELECT * FROM record',
    'CREATE TABLE extra (x)',
    'CREATE INDEX faster ON record (generation)',
    'ALTER TABLE record ADD COLUMN note TEXT',
    'ALTER TABLE entry DROP COLUMN signature',
    'DROP TABLE blind',
    'ANALYZE',
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, ' CHECK (one = 1)', '') WHERE name = 'store'",
    'PRAGMA application_id = 1',
    'PRAGMA user_version = 0',
    // A newer format has other tables. A newer number without other tables is a flipped byte.
    'PRAGMA user_version = 7',
  ])('throws damaged after "%s"', async (sql) => {
    const path = await create()
    tamper(path, sql)
    await expectRefusal('damaged', 'damaged-store', () => readBack(path))
  })

  test('refuses a file from a newer keydesk, and says so', async () => {
    const path = await create()
    tamper(path, 'PRAGMA user_version = 7; CREATE TABLE page (id INTEGER PRIMARY KEY) STRICT')
    const { hint } = await expectRefusal('refused', 'newer-format', () => readBack(path))
    expect(hint).toContain('update keydesk')
  })

  test('throws damaged for a store without its id', async () => {
    const path = await create()
    tamper(path, "UPDATE store SET id = x'0102'")
    await expectRefusal('damaged', 'damaged-store', () => readBack(path))
    tamper(path, 'DELETE FROM store')
    await expectRefusal('damaged', 'damaged-store', () => readBack(path))
  })

  test.each([
    ['an id of another length', "id = x'01' || id"],
    ['an id that is text', "id = 'aaaaaaaaaaaaaaaa'"],
    ['no box', 'listed = 7'],
    ['a box that is text', "secret = 'text'"],
    ['a generation that is text', "generation = 'one'"],
    ['a generation below zero', 'generation = -1'],
    ['a generation that is no integer', 'generation = 1.5'],
    ['a generation beyond 2^53', 'generation = 9223372036854775807'],
    ['a box of two megabytes', 'listed = zeroblob(2097152)'],
  ])('throws damaged for a row with %s, even if the table was not STRICT', async (_, change) => {
    const path = await create()
    writePastStrict(path, `UPDATE record SET ${change}`)
    const engine = open(path)
    const scan = () =>
      engine.read(async (snapshot) => {
        for await (const _row of snapshot.scanRows('device'));
      })
    await expectRefusal('damaged', 'damaged-store', scan)
    await engine.close()
  })
})

/** Runs SQL while the table `record` is not STRICT. Afterwards the schema says STRICT again. */
function writePastStrict(path: string, sql: string): void {
  const edit = (from: string, to: string) =>
    tamper(
      path,
      `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '${from}', '${to}') WHERE name = 'record'`,
    )
  edit('BLOB', 'ANY')
  edit(') STRICT', ')')
  edit('INTEGER', 'ANY')
  tamper(path, sql)
  tamper(path, `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '${STEPS[0]?.[1]}' WHERE name = 'record'`)
}

describe('an older format', () => {
  const later: readonly Step[] = [
    ...STEPS,
    ['ALTER TABLE record ADD COLUMN note TEXT', "UPDATE record SET note = 'of old'"],
    ['CREATE TABLE page (id INTEGER PRIMARY KEY) STRICT'],
  ]

  test('is migrated in place by the steps that it lacks, once', async () => {
    const path = await create()
    expect(await readBack(path, later)).toEqual([STORE_ID, ROW])
    expect(peek(path, 'SELECT note FROM record')).toEqual([{ note: 'of old' }])
    expect(peek(path, 'PRAGMA user_version')).toEqual([{ user_version: 3 }])
    expect(await readBack(path, later)).toEqual([STORE_ID, ROW])
    await expectRefusal('refused', 'newer-format', () => readBack(path))
  })

  test('does not change if a step fails', async () => {
    const path = await create()
    const before = readFileSync(path)
    const broken = [...later, ['CREATE TABLE half (x)', 'CREATE TABLE half (x)']]
    await expectRefusal('damaged', null, () => readBack(path, broken))
    expect(readFileSync(path)).toEqual(before)
    expect(await readBack(path)).toEqual([STORE_ID, ROW])
  })

  test('is not migrated if it holds a foreign trigger', async () => {
    const path = await create()
    tamper(path, 'CREATE TRIGGER later AFTER UPDATE ON record BEGIN DELETE FROM entry; END')
    const before = readFileSync(path)
    await expectRefusal('damaged', 'damaged-store', () => readBack(path, later))
    expect(readFileSync(path)).toEqual(before)
  })

  test('is busy while another process writes, and opens after that process has migrated it', async () => {
    const path = await create()
    const db = new DatabaseSync(path)
    db.exec('BEGIN IMMEDIATE')
    await expectRefusal('busy', 'busy', () => readBack(path, later))
    for (const statement of later.slice(1).flat()) db.exec(statement)
    db.exec('PRAGMA user_version = 3; COMMIT')
    db.close()
    expect(await readBack(path, later)).toEqual([STORE_ID, ROW])
  })
})

describe('modes', () => {
  test.each([0o602, 0o620, 0o666])('a file of mode %o is refused, with the command that fixes it', async (mode) => {
    const path = await create()
    chmodSync(path, mode)
    const { hint } = await expectRefusal('refused', 'writable-by-others', () => open(path))
    expect(hint).toBe(`chmod go-w ${inShell(path)}`)
    chmodSync(path, 0o644)
    expect(await readBack(path)).toEqual([STORE_ID, ROW])
  })

  test.each([0o777, 0o770, 0o702])(
    'a directory of mode %o is refused, with the command that fixes it',
    async (mode) => {
      const path = await create()
      chmodSync(dirname(path), mode)
      const { hint } = await expectRefusal('refused', 'writable-by-others', () => open(path))
      expect(hint).toBe(`chmod go-w ${inShell(dirname(path))}`)
      chmodSync(dirname(path), 0o755)
      expect(await readBack(path)).toEqual([STORE_ID, ROW])
    },
  )

  test('the hint for a path with a quote can be pasted into a shell', async () => {
    const home = join(createHome(), "Zoë's stores; rm -rf")
    mkdirSync(home, { mode: 0o777 })
    chmodSync(home, 0o777)
    const path = join(home, 'desk.keydesk')
    await createSqlite(path, STORE_ID, fill)
    const { hint } = await expectRefusal('refused', 'writable-by-others', () => open(path))
    expect(hint).toBe(`chmod go-w '${home.replace("'", "'\\''")}'`)
  })

  test('a shell runs the hint for a directory whose name it would split', async () => {
    const directory = join(createHome(), "two  words, it's $HOME")
    mkdirSync(directory)
    const path = await create(join(directory, 'desk.keydesk'))
    chmodSync(directory, 0o777)
    const { hint } = await expectRefusal('refused', 'writable-by-others', () => open(path))
    execFileSync('sh', ['-c', hint as string])
    expect(await readBack(path)).toEqual([STORE_ID, ROW])
  })

  test('a sticky directory such as /tmp is allowed', async () => {
    const path = await create()
    chmodSync(dirname(path), 0o1777)
    expect(await readBack(path)).toEqual([STORE_ID, ROW])
  })

  test('a file or directory of another user is refused, even a sticky directory', async () => {
    const path = await create()
    const foreign = uid === null ? 1 : uid + 1
    // Files of root are accepted for every user. So root gives the file away; any other user opens it with another uid.
    const openForeign = () => (isRoot ? open(path) : openSqlite(path, { uid: foreign }))
    if (isRoot) chownSync(path, NOBODY, NOBODY)
    await expectRefusal('refused', 'foreign-owner', openForeign)
    if (!isRoot) return
    chownSync(path, 0, 0)
    chownSync(dirname(path), NOBODY, NOBODY)
    chmodSync(dirname(path), 0o1777)
    await expectRefusal('refused', 'foreign-owner', openForeign)
  })

  test('for a link, both its own directory and the store’s directory must be private', async () => {
    const path = await create()
    const home = createHome()
    const link = join(home, 'link')
    symlinkSync(path, link)
    expect(await readBack(link)).toEqual([STORE_ID, ROW])
    expect(readdirSync(home)).toEqual(['link'])
    for (const directory of [home, dirname(path)]) {
      chmodSync(directory, 0o777)
      const { hint } = await expectRefusal('refused', 'writable-by-others', () => open(link))
      expect(hint).toBe(`chmod go-w ${inShell(directory)}`)
      chmodSync(directory, 0o700)
    }
  })

  test.each(['-journal', '-wal', '-shm'])(
    'a %s file that others could have written is refused before SQLite applies it',
    async (suffix) => {
      const path = await create()
      chmodSync(dirname(path), 0o1777)
      writeFileSync(path + suffix, 'planted')
      chmodSync(path + suffix, 0o666)
      const before = readFileSync(path)
      await expectRefusal('refused', 'writable-by-others', () => open(path))
      if (isRoot) {
        chmodSync(path + suffix, 0o600)
        chownSync(path + suffix, NOBODY, NOBODY)
        await expectRefusal('refused', 'foreign-owner', () => open(path))
      }
      expect(readFileSync(path)).toEqual(before)
    },
  )

  test('modes are not checked without a uid, as on Windows', async () => {
    const path = await create()
    chmodSync(path, 0o666)
    const engine = openSqlite(path, { uid: null })
    expect(await engine.read((snapshot) => snapshot.getRow('device', ROW.id))).toEqual(ROW)
    await engine.close()
  })
})

describe('a file that may not be written', () => {
  /** A store of an ordinary user, because root may write anything. */
  async function createAsUser(): Promise<{ path: string; options: { uid?: number } }> {
    const path = await create()
    if (!isRoot) return { path, options: {} }
    chownSync(path, NOBODY, NOBODY)
    chownSync(dirname(path), NOBODY, NOBODY)
    return { path, options: { uid: NOBODY } }
  }

  test.each([
    ['the file', 0o400, 0o700],
    ['its directory', 0o600, 0o500],
  ])('(%s) can be read, and writing is refused', async (_, mode, directoryMode) => {
    const { path, options } = await createAsUser()
    const before = readFileSync(path)
    chmodSync(path, mode)
    chmodSync(dirname(path), directoryMode)
    expect(await runChild(['read', path], options)).toBe('ok')
    expect(await runChild(['commit', path], options)).toBe('refused not-writable')
    expect(await runChild(['create', `${path}.2`], options)).toBe(
      directoryMode === 0o500 ? 'refused not-writable' : 'ok',
    )
    chmodSync(dirname(path), 0o700)
    expect(readFileSync(path)).toEqual(before)
  })

  test('is refused if it or its directory may not be read either', async () => {
    const { path, options } = await createAsUser()
    chmodSync(path, 0o000)
    expect(await runChild(['read', path], options)).toBe('refused not-writable')
    chmodSync(dirname(path), 0o000)
    expect(await runChild(['read', path], options)).toBe('refused not-writable')
    chmodSync(dirname(path), 0o700)
  })
})

test('the file holds no bytes of a replaced row or a deleted index', async () => {
  const path = await create()
  const marks = ['first state of the row', 'second, somewhat longer state of the row', 'an index that is gone']
  const [first, second, index] = marks.map((mark) => new TextEncoder().encode(mark)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const engine = open(path)
  const blind = { name: 'tag', value: index }
  await engine.commit(async (commit) => {
    await commit.putRow('device', { ...ROW, listed: first })
    await commit.putIndex('device', ROW.id, blind)
  })
  expect(readFileSync(path, 'latin1')).toContain(marks[2])
  await engine.commit(async (commit) => {
    await commit.putRow('device', { ...ROW, listed: second })
    await commit.deleteIndex('device', ROW.id, blind)
  })
  await engine.commit((commit) => commit.putRow('device', ROW))
  await engine.close()
  for (const mark of marks) expect(readFileSync(path, 'latin1')).not.toContain(mark)
  expect(readdirSync(dirname(path))).toEqual(['desk.keydesk'])
})

test('a commit waits for the disk: SQLite syncs the file, its journal and their directory', async () => {
  const db = connect(await create(), 0)
  // 3 is EXTRA (sqlite.org/pragma.html#pragma_synchronous).
  expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 3 })
  db.close()
})

describe('copies', () => {
  test('a store that was renamed or copied opens', async () => {
    const path = await create()
    copyFileSync(path, `${path}.copy`)
    renameSync(path, `${path}.moved`)
    expect(await readBack(`${path}.copy`)).toEqual([STORE_ID, ROW])
    expect(await readBack(`${path}.moved`)).toEqual([STORE_ID, ROW])
  })
})
