/** The paths of the files on each platform, and the owner of the agent's directory. */
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemPlaces } from '../../src/workstation/places.ts'
import { createHome } from '../fake-context.ts'
import { isRoot, NOBODY, uid } from '../store/fixtures.ts'

test('on Linux the paths follow the XDG directories, and relative ones are ignored', () => {
  const home = { HOME: '/home/anna' }
  expect(systemPlaces('linux', home, 1000)).toEqual({
    uid: 1000,
    config: '/home/anna/.config/keydesk',
    store: '/home/anna/.local/share/keydesk/desk.keydesk',
    runtime: '/tmp/keydesk-1000',
    socket: '/tmp/keydesk-1000/agent.sock',
  })
  const given = { ...home, XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: '/d', XDG_RUNTIME_DIR: '/r', TMPDIR: '/t' }
  expect(systemPlaces('linux', given, 1000)).toMatchObject({
    config: '/c/keydesk',
    store: '/d/keydesk/desk.keydesk',
    runtime: '/r/keydesk',
  })
  const relative = { ...home, XDG_CONFIG_HOME: 'c', XDG_DATA_HOME: './d', XDG_RUNTIME_DIR: '', TMPDIR: 't' }
  expect(systemPlaces('linux', relative, 1000)).toEqual(systemPlaces('linux', home, 1000))
})

test('on macOS the files are in ~/Library, and the socket is in the user’s own temporary directory', () => {
  const places = systemPlaces('darwin', { HOME: '/Users/anna', TMPDIR: '/var/folders/x/T/' }, 501)
  expect(places.config).toBe('/Users/anna/Library/Application Support/keydesk')
  expect(places.store).toBe('/Users/anna/Library/Application Support/keydesk/desk.keydesk')
  expect(places.socket).toBe('/var/folders/x/T/keydesk-501/agent.sock')
})

test('on Windows the socket is a named pipe of the user', () => {
  const places = systemPlaces(
    'win32',
    { USERPROFILE: 'C:\\Users\\anna', LOCALAPPDATA: 'C:\\Users\\anna\\AppData\\Local', USERNAME: 'anna' },
    null,
  )
  expect(places.runtime).toBeNull()
  expect(places.socket).toBe('\\\\.\\pipe\\keydesk-anna')
  expect(places.config).toContain('AppData')
})

test('a runtime directory of another user, as after su, is not used', () => {
  const session = join(createHome(), 'session')
  mkdirSync(session)
  expect(systemPlaces('linux', { HOME: '/h', XDG_RUNTIME_DIR: session }, uid).runtime).toBe(join(session, 'keydesk'))
  if (isRoot) chownSync(session, NOBODY, NOBODY)
  const other = isRoot ? uid : (uid ?? 0) + 1
  expect(systemPlaces('linux', { HOME: '/h', XDG_RUNTIME_DIR: session }, other).runtime).toBe(`/tmp/keydesk-${other}`)
})
