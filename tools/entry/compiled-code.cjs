/**
 * The cache of compiled code: one file for each command, in a private directory.
 *
 * V8 compiles a function when it is first called. Node's own compile cache saves a bundle's code when the bundle is
 * loaded, so it holds few functions. This cache saves the code at the end of a run, so it holds all that the run called.
 *
 * V8 executes cached code without proof that it is right, so the cache checks it:
 * - The directory belongs to this user, and nobody else can write to it (private-directory.cjs).
 * - The header names the build, Node's version and the processor. V8 compares only the length of the source.
 * - The body is written twice, and both copies must be equal. A checksum takes longer than this comparison.
 * - The file is a regular file of at most 32 MB, and no link. A usual one has 2 MB.
 * In any doubt the cache is not used, and the start takes a few milliseconds more.
 */
'use strict'
const fs = require('fs')
const path = require('path')
const { findPrivateDirectory } = require('./private-directory.cjs')

const BUILT_FOR = `${__BUILD__} ${process.version} ${process.arch}`
const MAX_BYTES = 32 * 1024 * 1024

/** The path of a command's file, or null if no cache may be used. */
function findCodeFile(command) {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return null
  const directory = findPrivateDirectory()
  return directory === null ? null : path.join(directory, `${__PROGRAM__}-${command}`)
}

/** The exit code of the run that wrote the file, and the compiled code by bundle. Null if the file is not valid. */
function readCode(file) {
  try {
    const bytes = readRegularFile(file)
    const start = bytes.indexOf('\n') + 1
    const { builtFor, exitCode, lengths } = JSON.parse(bytes.toString('latin1', 0, start))
    const middle = start + (bytes.length - start) / 2
    if (builtFor !== BUILT_FOR || !bytes.subarray(start, middle).equals(bytes.subarray(middle))) return null
    const codes = new Map()
    let at = start
    for (const [id, length] of lengths) {
      codes.set(id, bytes.subarray(at, at + length))
      at += length
    }
    return at === middle ? { exitCode, codes } : null
  } catch {
    return null
  }
}

/** O_NONBLOCK: opening a pipe would otherwise wait for a writer. Throws for all but a regular file of a usual size. */
function readRegularFile(file) {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
  const fd = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const stats = fs.fstatSync(fd)
    if (!stats.isFile() || stats.size > MAX_BYTES) throw new Error('not a file of this cache')
    return fs.readFileSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** Whether a run compiled what the cache lacks: a bundle without valid code, or the first run that succeeded. */
function hasNewCode(cached, scripts, exitCode) {
  if (cached === null || (cached.exitCode !== 0 && exitCode === 0)) return true
  return [...scripts].some(([id, script]) => !cached.codes.has(id) || script.cachedDataRejected)
}

/** Writes a new file and renames it, so that a reader never sees half of it. */
function writeCode(file, cached, scripts, exitCode) {
  const temporary = `${file}.${process.pid}`
  try {
    const codes = new Map(cached === null ? [] : cached.codes)
    for (const [id, script] of scripts) codes.set(id, script.createCachedData())
    const lengths = [...codes].map(([id, code]) => [id, code.length])
    const header = Buffer.from(`${JSON.stringify({ builtFor: BUILT_FOR, exitCode, lengths })}\n`)
    const body = Buffer.concat([...codes.values()])
    fs.writeFileSync(temporary, Buffer.concat([header, body, body]), { flag: 'wx', mode: 0o600 })
    fs.renameSync(temporary, file)
  } catch {
    // The next start takes as long as this one.
    removeIfPresent(temporary)
  }
}

function removeIfPresent(file) {
  try {
    fs.unlinkSync(file)
  } catch {
    // The file was not created.
  }
}

module.exports = { findCodeFile, hasNewCode, readCode, writeCode }
