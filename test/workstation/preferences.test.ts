/**
 * Preferences are read back as they were set, even by several processes at once.
 * A file that others can write is refused.
 */
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { preferencesFile, readStored } from '../../src/workstation/preferences.ts'
import { changeStored } from '../../src/workstation/preferences-change.ts'
import { fakeContext } from '../fake-context.ts'
import { expectRefusal } from '../store/fixtures.ts'

const KEYDESK = fileURLToPath(new URL('../../bin/keydesk.ts', import.meta.url))

function world() {
  const { places, random } = fakeContext()
  const path = preferencesFile(places)
  const put = (text: string) => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, text, { mode: 0o600 })
  }
  return { places, random, path, put }
}

describe('preferences', () => {
  it('are empty if nothing was set', () => {
    const { places } = world()
    expect(readStored(places)).toEqual({})
  })

  it('have the values that were set last, in a file of mode 0600', async () => {
    const { places, random, path } = world()
    await changeStored(places, random, (stored) => ({ ...stored, theme: 'dark' }))
    await changeStored(places, random, (stored) => ({ ...stored, spelling: 'de' }))
    await changeStored(places, random, ({ theme: _, ...rest }) => rest)
    expect(readStored(places)).toEqual({ spelling: 'de' })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(dirname(path)).sort()).toEqual(['preferences.json', 'preferences.lock'])
  })

  it('are all kept when several processes set one at once', async () => {
    const { home, env, places } = fakeContext()
    const wanted = { theme: 'dark', spelling: 'de', 'device.platform': 'ios', 'smtp.port': '25', 'smtp.user': 'anna' }
    const set = ([key, value]: string[]) => {
      const argv = [KEYDESK, 'preferences', 'set', key as string, value as string]
      return promisify(execFile)(process.execPath, argv, { env: { ...env, PATH: '/nowhere' }, cwd: home })
    }
    await Promise.all(Object.entries(wanted).map(set))
    expect(readStored(places)).toEqual(wanted)
  })

  it.each(['', 'null', '[]', '"text"', '{"theme":1}', '{"theme":"dark"', `{"a":"${'x'.repeat(65_536)}"}`])(
    'are null for a file that holds %.30s, which the next change replaces',
    async (text) => {
      const { places, random, put } = world()
      put(text)
      expect(readStored(places)).toBeNull()
      await changeStored(places, random, (stored) => ({ ...stored, theme: 'light' }))
      expect(readStored(places)).toEqual({ theme: 'light' })
    },
  )

  it('of a file that others may write are refused', async () => {
    const { places, put, path } = world()
    put('{"theme":"dark"}')
    chmodSync(path, 0o622)
    await expectRefusal('refused', 'writable-by-others', () => readStored(places))
  })
})
