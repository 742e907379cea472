/**
 * Guards what the README promises somebody new: its first screen is a real call, its first call is ten commands at most, which a real
 * shell runs as they stand, and every document is found from it, once.
 */
import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { waitFor } from './programs.ts'
import { createStation } from './runbook.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(`${root}README.md`, 'utf8')
/** A page on which the comment that sets the stage does not show. */
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
    const { home, env } = createStation()
    const lines = ['set -euo pipefail', ...commands, ...commandsIn(after), 'keydesk lock'].join('\n')
    const { exit, out, err } = await waitFor(spawn('bash', ['-c', lines], { cwd: home, env }))
    expect([exit, out]).toEqual([0, expect.stringContaining('The app is open.')])
    expect(out).toMatch(/reset\.confirm\t.*ticket HD-4711/)
    // A hint would be something that is still to do.
    expect(err.replaceAll('hint: keydesk unlock\n', '')).not.toMatch(/hint:|warning:/)
  }, 60_000)

  it('leads to each document once', () => {
    const links = Array.from(shown.matchAll(/\]\((docs\/[^)#]*\/?)\)/g), ([, path = '']) => path)
    const pages = globSync('docs/*.md', { cwd: root }).concat('docs/runbooks/README.md', 'docs/adr/')
    expect(links.filter((path) => !path.startsWith('docs/pictures/')).sort()).toEqual(pages.sort())
  })
})
