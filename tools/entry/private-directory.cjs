/**
 * The directory of the compiled code: `keydesk/compile` in the user's own cache folder. Compiled code is executed as it
 * is found, so no other user may be able to write there. Node's default is a shared temporary folder.
 */
'use strict'
const fs = require('fs')
const path = require('path')

/** Creates the directory if it is missing. Null unless it and the two folders above it are private. */
function findPrivateDirectory() {
  const base = findCacheHome()
  if (base === null) return null
  const own = path.join(base, 'keydesk')
  const directory = path.join(own, 'compile')
  try {
    return [base, own, directory].every((each) => isPrivate(each) || createPrivate(each)) ? directory : null
  } catch {
    return null
  }
}

function findCacheHome() {
  const { env, platform } = process
  if (platform === 'win32') return env.LOCALAPPDATA ? path.join(env.LOCALAPPDATA, 'keydesk', 'Cache') : null
  if (platform === 'darwin') return env.HOME ? path.join(env.HOME, 'Library', 'Caches') : null
  if (env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)) return env.XDG_CACHE_HOME
  return env.HOME ? path.join(env.HOME, '.cache') : null
}

/** Whether this is a directory, no link, owned by this user, that no other user can write to. Windows: not checked. */
function isPrivate(directory) {
  const stats = fs.lstatSync(directory, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isDirectory()) return false
  // On Windows the access list of the user's profile protects the directory.
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0)
}

/**
 * Creates a directory in a private one: with `sudo`, HOME may be another user's. Throws if anything else has its name.
 */
function createPrivate(directory) {
  if (!isPrivate(path.dirname(directory))) return false
  fs.mkdirSync(directory, { mode: 0o700 })
  return isPrivate(directory)
}

module.exports = { findPrivateDirectory }
