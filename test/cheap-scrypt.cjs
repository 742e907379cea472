/**
 * Node loads this file before the built programs, and test/acceptance/programs.ts loads it for the tests beside them.
 * Whatever N is asked for, scrypt then runs with N = 2^10. Each command that opens a slot takes 0.3 s less, and a slot
 * still needs the right passphrase. The README's first call and the exchange with an independent device run at the real
 * cost.
 */
const crypto = require('node:crypto')
const { syncBuiltinESMExports } = require('node:module')

const CHEAP = 2 ** 10
const { scrypt, scryptSync } = crypto
crypto.scrypt = (typed, salt, length, options, done) => scrypt(typed, salt, length, { ...options, N: CHEAP }, done)
crypto.scryptSync = (typed, salt, length, options) => scryptSync(typed, salt, length, { ...options, N: CHEAP })
syncBuiltinESMExports()
