/** Runs a bundle, with the compiled code that an earlier run of the same command left. */
'use strict'
const fs = require('fs')
const path = require('path')
const { hasNewCode, readCode, writeCode } = require('./compiled-code.cjs')

/** `codeFile` is where this command's compiled code is kept. With null the run neither reads nor writes any. */
function run(main, codeFile) {
  const vm = require('vm')
  const Module = require('module')
  const cached = codeFile === null ? null : readCode(codeFile)
  const scripts = new Map()

  /** The `require` of the bundles. Ids that begin with `./` are bundles, and are relative to dist in every bundle. */
  function load(id) {
    if (!id.startsWith('./')) return require(id)
    const filename = path.join(__dirname, id)
    if (require.cache[filename] !== undefined) return require.cache[filename].exports
    const module = new Module(filename)
    require.cache[filename] = module
    // The wrapper begins on the first line, so that line numbers in a stack trace are those of the file.
    const wrapper = '(function (exports, require, module, __filename, __dirname) {'
    const source = `${wrapper}${fs.readFileSync(filename, 'utf8')}\n})`
    const script = new vm.Script(source, { filename, cachedData: cached === null ? undefined : cached.codes.get(id) })
    scripts.set(id, script)
    script.runInThisContext()(module.exports, load, module, filename, path.dirname(filename))
    return module.exports
  }

  if (codeFile !== null) {
    process.once('exit', (exitCode) => {
      if (hasNewCode(cached, scripts, exitCode)) writeCode(codeFile, cached, scripts, exitCode)
    })
  }
  load(main)
}

module.exports = { run }
