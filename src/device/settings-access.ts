/** Reading and writing the app's settings behind its lock. Each call opens the database again and caches nothing. */
import { KeydeskError } from '../errors.ts'
import { type App, changeDevice, saveDatabase } from './app.ts'
import { brokenRule, noSetting } from './refusals.ts'
import { checkSetting, type Settings } from './settings.ts'
import { unlockApp } from './unlocking.ts'

/** All settings. Unlocks with the password, or with the session when `password` is null. */
export function readSettings(app: App, password: string | null): Settings {
  return changeDevice(app, (state) => unlockApp(app, state, password).settings)
}

/** One setting. Throws `notfound`. */
export function readSetting(app: App, key: string, password: string | null): string {
  const value = readSettings(app, password).get(key.normalize('NFC'))
  if (value === undefined) throw KeydeskError.of(noSetting(key))
  return value
}

/**
 * Writes one setting, in one durable write of the whole database. Throws `usage` for a setting that cannot be stored.
 */
export function writeSetting(app: App, key: string, value: string, password: string | null): void {
  changeDevice(app, (state) => {
    const { keys, settings } = unlockApp(app, state, password)
    const broken = checkSetting(key, value, settings)
    if (broken !== null) throw KeydeskError.of(brokenRule('setting', broken))
    const next = new Map(settings).set(key.normalize('NFC'), value)
    saveDatabase(app, keys.dbk, { secret: keys.secret, settings: next }, state.id)
  })
}
