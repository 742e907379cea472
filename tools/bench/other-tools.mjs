/**
 * Sets up other tools as their manuals say, with a given number of entries.
 * - For each tool: read one entry, list all, find one by its name, and add one. Each returns milliseconds.
 * - Each answer is checked. A search is for a part of the name, and the answer must hold the whole name.
 * - No tool asks for a passphrase. The GnuPG key has none, which is faster than any agent that holds one.
 * - `keepassxc-cli` and `sqlcipher` have no agent: they open the file with its password each time.
 */
import { randomInt } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAnswer, runProgram } from './world.mjs'

const SECRET = 'b5c1a3d07e9f42688d7a0c5e6f314b92'
const PASSWORD = 'a password for the benchmark'

function expectIn(world, wanted, milliseconds) {
  if (readAnswer(world).includes(wanted)) return milliseconds
  throw new Error(`${wanted} was not in the answer`)
}

/** Writes a file, readable by this user only. Returns its path. */
function writeInput(world, name, text) {
  const path = join(world.home, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

/** Makes the key that `pass` and `gopass` encrypt to, unless it exists. */
function createKey(world) {
  world.env.GNUPGHOME = join(world.home, 'gpg')
  if (existsSync(world.env.GNUPGHOME)) return
  mkdirSync(world.env.GNUPGHOME, { mode: 0o700 })
  runProgram(world, 'gpg', '--batch --passphrase  --quick-gen-key bench@example.ch default default never'.split(' '))
}

/**
 * Makes a folder of encrypted files. `pass` makes one of them. The others are copies: these tools identify an entry
 * only by its file name.
 */
function createFolder(world, program, size) {
  createKey(world)
  world.env.PASSWORD_STORE_DIR = join(world.home, `${program}-${size}`)
  runProgram(world, 'pass', ['init', 'bench@example.ch'])
  const path = (name) => join(world.home, `${program}-${size}`, `${name}.gpg`)
  runProgram(world, 'pass', ['insert', '-m', 'entry0x'], { input: writeInput(world, 'secret', `${SECRET}\n`) })
  for (let at = 1; at < size; at++) copyFileSync(path('entry0x'), path(`entry${at}x`))
  return path
}

/** Debian's `gopass` has the commands of `pass`, but reads a new entry from an editor. */
function prepareFolder(program) {
  return (world, size) => {
    const path = createFolder(world, program, size)
    const editor = writeInput(world, 'editor', `#!/bin/sh\necho ${SECRET} > "$1"\n`)
    world.env.EDITOR = `sh ${editor}`
    const go = (...args) => {
      world.env.PASSWORD_STORE_DIR = join(world.home, `${program}-${size}`)
      return runProgram(world, program, args, { input: join(world.home, 'secret') })
    }
    let added = 0
    return {
      read: () => expectIn(world, SECRET, go('show', `entry${randomInt(size)}x`)),
      list: () => expectIn(world, `entry${size - 1}x`, go('ls')),
      find: () => expectIn(world, `entry${size - 1}x`, go('find', `try${size - 1}x`)),
      add: () => {
        const name = `new${added++}`
        const milliseconds = go('insert', '-m', name)
        if (!existsSync(path(name))) throw new Error(`${program} did not add ${name}`)
        return milliseconds
      },
    }
  }
}

const renderEntry = (at) =>
  `<Entry><UUID>${Buffer.from(String(at).padStart(16, '0')).toString('base64')}</UUID>` +
  `<String><Key>Title</Key><Value>entry${at}x</Value></String><String><Key>Password</Key><Value>${SECRET}</Value></String></Entry>`

/** KeePassXC's own import makes the file, with its default key derivation. */
function prepareKeepass(world, size) {
  const entries = Array.from({ length: size }, (_, at) => renderEntry(at)).join('\n')
  const root = `<Root><Group><UUID>AAAAAAAAAAAAAAAAAAAAAQ==</UUID><Name>Root</Name>${entries}</Group></Root>`
  const xml = writeInput(world, 'entries.xml', `<?xml version="1.0"?><KeePassFile><Meta/>${root}</KeePassFile>`)
  const file = join(world.home, `keepass-${size}.kdbx`)
  const input = writeInput(world, 'keepass-password', `${PASSWORD}\n${PASSWORD}\n`)
  const go = (verb, flags, ...args) => runProgram(world, 'keepassxc-cli', [verb, '-q', ...flags, ...args], { input })
  go('import', ['-p'], xml, file)
  let added = 0
  return {
    read: () => expectIn(world, SECRET, go('show', ['-s', '-a', 'Password'], file, `entry${randomInt(size)}x`)),
    list: () => expectIn(world, `entry${size - 1}x`, go('ls', ['-R', '-f'], file)),
    find: () => expectIn(world, `entry${size - 1}x`, go('search', [], file, `try${size - 1}x`)),
    add: () => {
      const name = `new${added++}`
      const milliseconds = go('add', ['-p'], file, name)
      go('ls', ['-R', '-f'], file)
      return expectIn(world, name, milliseconds)
    },
  }
}

/** A table with an index on the name. */
function prepareSqlcipher(world, size) {
  const file = join(world.home, `cipher-${size}.db`)
  const go = (sql) => {
    const input = writeInput(world, 'statements.sql', `PRAGMA key = '${PASSWORD}';\n${sql}\n`)
    return runProgram(world, 'sqlcipher', [file], { input })
  }
  const values = Array.from({ length: size }, (_, at) => `INSERT INTO entries VALUES ('entry${at}x', '${SECRET}');`)
  const table = 'CREATE TABLE entries (name TEXT PRIMARY KEY, secret TEXT);'
  go(`BEGIN; ${table}\n${values.join('\n')}\nCOMMIT;`)
  let added = 0
  return {
    read: () => expectIn(world, SECRET, go(`SELECT secret FROM entries WHERE name = 'entry${randomInt(size)}x';`)),
    list: () => expectIn(world, `entry${size - 1}x`, go('SELECT name FROM entries;')),
    find: () =>
      expectIn(
        world,
        `entry${size - 1}x`,
        go(`SELECT name FROM entries WHERE name LIKE '%try${size - 1}x%' LIMIT 20;`),
      ),
    add: () => expectIn(world, '1', go(`INSERT INTO entries VALUES ('new${added++}', '${SECRET}'); SELECT changes();`)),
  }
}

/** The Debian package `package` holds `program`. `prepare(world, size)` returns `read`, `list`, `find` and `add`. */
export const OTHERS = [
  { program: 'pass', package: 'pass', prepare: prepareFolder('pass') },
  { program: 'gopass', package: 'gopass', prepare: prepareFolder('gopass') },
  { program: 'keepassxc-cli', package: 'keepassxc', prepare: prepareKeepass },
  { program: 'sqlcipher', package: 'sqlcipher', prepare: prepareSqlcipher },
]
