/**
 * Guards what the README promises to a newcomer:
 * - Its first screen shows a real call.
 * - Its first call has ten commands at most, and a real shell runs them as they stand.
 * - It links to every document once.
 */
import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { waitFor } from './programs.ts'
import { createStation } from './runbook.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(`${root}README.md`, 'utf8')
/** The README as a page shows it: without the comment that prepares the desk. */
const shown = readme.replace(/<!--[\s\S]*?-->/g, '')
const section = (title: string) => shown.split(/^## /m).find((each) => each.startsWith(title)) ?? ''
const commandsIn = (text: string) =>
  Array.from(text.matchAll(/^```console.*\n([\s\S]*?)^```$/gm), ([, body = '']) => body.match(/^\$ .+$/gm) ?? [])
    .flat()
    .map((line) => line.slice(2))

describe('the README', () => {
  it('shows a call on its first screen', () => {
    const first = shown.split('\n').slice(0, 24).join('\n')
    expect(first).toMatch(/^\$ keydesk reset confirm /m)
    expect(first).toMatch(/^Say first/m)
  })

  it('has a first call of ten commands at most, which bash runs from an empty machine to the end', async () => {
    const [call = '', after = ''] = section('A first call').split(/^And it is on record:$/m)
    const commands = commandsIn(call)
    expect(commands.length).toBeLessThanOrEqual(10)
    expect(commands.join('\n')).toMatch(
      /keydesk init[\s\S]*reset check[\s\S]*reset confirm[\s\S]*keydesk-device .*confirm/,
    )
    const { home, env } = createStation({ realScrypt: true })
    const lines = ['set -euo pipefail', ...commands, ...commandsIn(after), 'keydesk lock'].join('\n')
    const { exit, out, err } = await waitFor(spawn('bash', ['-c', lines], { cwd: home, env }))
    expect([exit, out]).toEqual([0, expect.stringContaining('The app is open.')])
    expect(out).toMatch(/reset\.confirm\t.*ticket HD-4711/)
    // A hint would mean that something is still to do.
    expect(err.replaceAll('hint: keydesk unlock\n', '')).not.toMatch(/hint:|warning:/)
  })

  it('links to each document once', () => {
    const links = Array.from(shown.matchAll(/\]\((docs\/[^)#]*\/?)\)/g), ([, path = '']) => path)
    const pages = globSync('docs/*.md', { cwd: root }).concat('docs/runbooks/README.md', 'docs/adr/')
    expect(links.filter((path) => !path.startsWith('docs/pictures/')).sort()).toEqual(pages.sort())
  })
})
