/**
 * `npm run bench` preloads this file (`node --require`) into a program whose peak memory it measures.
 * - When the process exits, it writes the peak in KiB to the file that KEYDESK_BENCH_PEAK names.
 * - On Linux it reads VmHWM: the maximum of getrusage also counts the parent's memory at the moment of the fork.
 */
'use strict'
const fs = require('node:fs')

function peakKibibytes() {
  const line =
    process.platform === 'linux' ? /^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8')) : null
  return line === null ? process.resourceUsage().maxRSS : Number(line[1])
}

process.on('exit', () => fs.writeFileSync(process.env.KEYDESK_BENCH_PEAK, String(peakKibibytes())))
