/**
 * Runs `npm run bench` with a small fleet.
 * - It prints the rows of the bars from real runs, and a wrong answer ends it.
 * - The figures of so small a fleet mean nothing.
 * - The job `others` is not run, because it would install other tools.
 */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderFleet } from '../commands/fleet.ts'

const load = (tool: string) => import(new URL(`../../tools/bench/${tool}.mjs`, import.meta.url).href)
const { addParts, PARTS, sumProfile } = await load('modules')
const desk = await load('fleet-desk')
const world = await load('world')
const root = fileURLToPath(new URL('../..', import.meta.url))
const bench = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'tools/bench/index.mjs'), ...args], {
    encoding: 'utf8',
  })
  return { exit: status, out: stdout, err: stderr }
}
/** The name of each row that has a figure. */
const rowsOf = (out: string) =>
  out.split('\n').flatMap((line) => /^(.+?) {2,}[\d.]+(×| s| MB| bytes)( |$)/.exec(line)?.[1] ?? [])

/** They take half a minute, so they run in CI alone: .ci/run sets CI. */
const describeInCi = describe.runIf(process.env['CI'])

describeInCi('npm run bench (in CI alone)', () => {
  it('prints the bars of a fleet', () => {
    const { exit, out, err } = bench('fleet', '--devices', '200', '--rounds', '1')
    expect([exit, err]).toEqual([0, ''])
    expect(rowsOf(out)).toEqual([
      'reset confirm at 10 ÷ node -e 0',
      'reset confirm at 20 ÷ node -e 0',
      'reset confirm at 200 ÷ node -e 0',
      'reset confirm at 20 ÷ at 10',
      'reset confirm at 200 ÷ at 10',
      'TAB, a user, at 10 ÷ node -e 0',
      'TAB, a user, at 20 ÷ node -e 0',
      'TAB, a user, at 200 ÷ node -e 0',
      'device list --limit 20 --search, what many have, at 200',
      'device list --limit 20 --search, a user, at 200',
      'device list --limit 20 --search, a misspelt name, at 200',
      'device list --ndjson, at 200',
      'its peak memory at 20',
      'its peak memory at 200',
      'device import of 200, durable',
      'its peak memory',
      'the store then, a device',
      'reset confirm --batch - of 200, each audited',
      'its peak memory',
      'the store with 2 confirms a device on record',
    ])
    expect(out).toMatch(/^reset confirm at 200 ÷ node -e 0 .* 2\.1× +(ok|over) /m)
  })

  it('prints only the row that is named, as a Markdown table with --markdown', () => {
    const named = bench('TAB, a com', '--rounds', '2', '--markdown')
    expect(named.exit).toBe(0)
    expect(named.out).toMatch(
      /\n\|---\|---\|---\|---\|---\|---\|\n\| TAB, a command \| [\d.]+× \| [\d.]+–[\d.]+ \| 2× \| (ok|over) \| .+ \|\n$/,
    )
  })

  it('prints the list of jobs for an unknown job, and refuses a wrong number of rounds', () => {
    expect(bench('flee')).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('calls fleet others') })
    expect(bench('fleet', '--rounds', 'many').exit).toBe(1)
  })
})

describe('a fleet for the bench', () => {
  it('is the same in one file and in several, with the id, tag and secret of each device', () => {
    const enrolled = (at: number) => ({ deviceId: `id${at}`, tag: at, secret: 'secret' })
    const lines = (text: string) => text.trimEnd().split('\r\n').slice(1)
    const whole = lines(renderFleet(50, { enrolled }))
    expect([...lines(renderFleet(23, { enrolled })), ...lines(renderFleet(27, { from: 23, enrolled }))]).toEqual(whole)
    expect(whole.map((line) => line.replace(/;id\d+;\d+;secret$/, ''))).toEqual(lines(renderFleet(50)))
    expect(whole[49]).toMatch(/;id49;49;secret$/)
  })
})

describeInCi('a wrong answer ends the bench (in CI alone)', () => {
  type Fleet = { readonly world: { readonly out: string } }
  type Measure = (world: Fleet['world'], ...rest: unknown[]) => unknown
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await desk.createFleet(12)
  })
  afterAll(() => world.removeWorld(fleet.world))
  /** Runs the program, and changes its answer before the benchmark reads it. */
  const tampering =
    (change: (answer: string) => string): Measure =>
    (of, ...rest) => {
      const measured = world.run(of, ...rest)
      writeFileSync(of.out, change(readFileSync(of.out, 'utf8')))
      return measured
    }
  const search = () => desk.describeSearches(fleet)[1]
  const JOBS: [string, (measure?: Measure) => unknown, (answer: string) => string][] = [
    ['a confirmation code', (measure) => desk.confirmAny(fleet, measure), (answer) => answer.slice(1)],
    [
      'a line of a batch',
      (measure) => desk.confirmAll(fleet, measure),
      (answer) => answer.replace(/^.*\n(.*\n)/, '$1$1'),
    ],
    ['a batch that is short', (measure) => desk.confirmAll(fleet, measure), (answer) => answer.replace(/^.*\n/, '')],
    [
      'a list with one twice',
      (measure) => desk.listAll(fleet, measure),
      (answer) => answer.replace(/^.*\n(.*\n)/, '$1$1'),
    ],
    ['a search', (measure) => desk.searchFleet(fleet, search(), measure), (answer) => answer.replace('@', '1@')],
    ['a search that is short', (measure) => desk.searchFleet(fleet, search(), measure), () => ''],
  ]
  it.each(JOBS)('%s', (_, job, change) => {
    expect(job()).toEqual(expect.any(Number))
    expect(() => job(tampering(change))).toThrow()
  })
})

describe('the parts of a profile', () => {
  const frame = (functionName: string, url: string, lineNumber = 0) => ({ functionName, url, lineNumber })
  /** A profile of these frames: each is called by the one before it, and has one sample of 1 ms. */
  const profileOf = (...frames: object[]) => ({
    nodes: frames.map((callFrame, id) => ({ id, callFrame, children: id + 1 < frames.length ? [id + 1] : [] })),
    samples: frames.map((_, id) => id),
    timeDeltas: frames.map(() => 1000),
  })

  it('hold every source of the programs', () => {
    const sources = globSync('{bin,src}/**/*.ts', { cwd: root }).map((path) => path.split(sep).join('/'))
    const isNowhere = (path: string) => !(PARTS as [RegExp, string][]).some(([pattern]) => pattern.test(path))
    expect(sources.filter(isNowhere)).toEqual([])
  })

  it('count native code for its caller', () => {
    const tweetnacl = frame('nacl.secretbox', join(root, 'dist/lib/tweetnacl.cjs'), 2000)
    const parts = sumProfile(profileOf(frame('(root)', ''), frame('(idle)', ''), tweetnacl, frame('set', '')))
    const sums = Array.from(parts as Map<string, Map<string, number>>, ([part, modules]) => [
      part,
      [...modules.values()].reduce((sum, each) => sum + each, 0),
    ])
    expect(sums).toEqual([
      ['start and end of Node', 1],
      ['waiting: agent, disk, reader', 1],
      ['crypto', 2],
    ])
    expect([...addParts(parts, parts).get('crypto').keys()]).toEqual(['tweetnacl/nacl-fast.js'])
  })
})
