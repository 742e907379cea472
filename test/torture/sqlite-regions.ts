/**
 * Names the purpose of a byte of an SQLite file (sqlite.org/fileformat2.html), to explain why a flip changes nothing.
 * Such bytes are space that no cell uses, counters that only tell caches when to read again, and version numbers.
 */
const HEADER_BYTES = 100
/** Ranges of the file's header that reading does not depend on: from, to (exclusive), and their purpose. */
const HEADER: readonly (readonly [from: number, to: number, what: string])[] = [
  [24, 28, 'counters and hints of the header'],
  [32, 60, 'counters and hints of the header'],
  [64, 68, 'counters and hints of the header'],
  [72, 100, 'counters and hints of the header'],
]

export function regionOf(file: Buffer, at: number): string {
  if (at < HEADER_BYTES) return HEADER.find(([from, to]) => at >= from && at < to)?.[2] ?? `byte ${at} of the header`
  const size = file.readUInt16BE(16) === 1 ? 65_536 : file.readUInt16BE(16)
  const page = Math.floor(at / size)
  const start = page * size
  const header = page === 0 ? HEADER_BYTES : 0
  const kind = file[start + header] as number
  if (![2, 5, 10, 13].includes(kind)) return 'a page without cells'
  const within = at - start
  const cells = file.readUInt16BE(start + header + 3)
  const pointersEnd = header + (kind === 2 || kind === 5 ? 12 : 8) + 2 * cells
  const content = file.readUInt16BE(start + header + 5) || size
  if (within >= pointersEnd && within < content) return 'space between the cells'
  if (within >= header && within < pointersEnd) return `byte ${within - header} of a page's header and cell pointers`
  return isFree(file, start, header, within) ? 'space that a cell left' : 'a cell'
}

/** Whether the byte is in the page's chain of free blocks. A block begins with the offset of the next and its size. */
function isFree(file: Buffer, start: number, header: number, within: number): boolean {
  for (let at = file.readUInt16BE(start + header + 1); at !== 0; at = file.readUInt16BE(start + at)) {
    if (within >= at && within < at + file.readUInt16BE(start + at + 2)) return true
  }
  return false
}

/**
 * Names the purpose of a byte of a rollback journal.
 * - The header has a sector of its own, and holds the number of page records.
 * - A page record is a page number, the page, and a checksum.
 */
export function regionOfJournal(journal: Buffer, at: number): string {
  const [sector, size] = [journal.readUInt32BE(20), journal.readUInt32BE(24)]
  if (at < 28) return `byte ${at} of the journal's header`
  if (at < sector) return 'the rest of the header’s sector'
  const record = size + 8
  if (at - sector >= journal.readUInt32BE(8) * record) return 'behind the last record that counts'
  return 'a page of the journal'
}
