/** Tests the built package: it is complete and licensed, and contains no path of the machine that built it. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(root, 'dist')
const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
  statSync(join(dist, name)).isFile(),
)
const bundles = files.filter((name) => name.endsWith('.cjs'))
const read = (name: string) => readFileSync(join(dist, name), 'utf8')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

test('every bundled package is listed with its licence, and in the SBOM with its hash', () => {
  const took = bundles.flatMap((name) => [...read(name).matchAll(/^ *\/\/ node_modules\/((?:@[^/]+\/)?[^/\n]+)/gm)])
  const packages = new Set(took.map(([, name]) => name as string))
  expect(packages).toContain('tweetnacl')
  const listed = new Set(
    [...read('THIRD-PARTY-LICENSES.txt').matchAll(/^(\S+) \d+\.\d+\.\d+\S*: \S/gm)].map(([, name]) => name),
  )
  expect([...packages].filter((name) => !listed.has(name))).toEqual([])
  expect(read('THIRD-PARTY-LICENSES.txt')).not.toContain('holds no licence text')
  // The SBOM lists the same packages, with the hash of each archive that the lockfile pins.
  const bill = JSON.parse(read('sbom.cdx.json')) as Bill
  expect([bill.bomFormat, bill.specVersion]).toEqual(['CycloneDX', '1.6'])
  const billed = bill.components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`))
  expect([...new Set(billed)].sort()).toEqual([...listed].sort())
  for (const { purl, version, licenses, hashes, 'bom-ref': ref } of bill.components) {
    expect(purl).toMatch(new RegExp(`^pkg:npm/(%40[\\w.-]+/)?[\\w.-]+@${version.replaceAll('.', '\\.')}$`))
    expect(ref).toBe(purl)
    expect(licenses[0]?.expression ?? licenses[0]?.license?.name).toMatch(/\w/)
    expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }])
  }
})

type Bill = {
  readonly bomFormat: string
  readonly specVersion: string
  readonly components: readonly {
    readonly group?: string
    readonly name: string
    readonly version: string
    readonly purl: string
    readonly 'bom-ref': string
    readonly licenses: readonly { readonly expression?: string; readonly license?: { readonly name: string } }[]
    readonly hashes: readonly object[]
  }[]
}

test('the package holds the shells’ scripts unchanged', () => {
  for (const name of ['bash', 'zsh', 'fish', 'ps1'].map((suffix) => `keydesk.${suffix}`))
    expect(read(`completion/${name}`)).toBe(readFileSync(join(root, 'src', 'completion', name), 'utf8'))
})

test('no file contains the path of the folder that it was built in', () => {
  expect(files.filter((name) => read(name).includes(root.replace(/[\\/]$/, '')))).toEqual([])
})

test('dist/lib holds exactly the files that the bundles load late', () => {
  const asked = new Set(
    bundles.flatMap((name) => [...read(name).matchAll(/require\("\.\/(lib\/[^"]+)"\)/g)].map(([, file]) => file)),
  )
  expect([...asked].sort()).toEqual(bundles.filter((name) => name.startsWith('lib/')).sort())
  expect(asked).toContain('lib/conf.cjs')
})

test('every bundle is ASCII: with one other character V8 would store two bytes for each', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are ASCII too.
  expect(bundles.filter((name) => !/^[\x00-\x7f]*$/.test(read(name)))).toEqual([])
})

test('no bundle contains import(), which would slow down each start that reaches one', () => {
  expect(bundles.filter((name) => /[^.\w]import\(/.test(read(name).replaceAll(/^ *(?:\/\/|\*).*$/gm, '')))).toEqual([])
})

test.each(Object.entries(manifest.bin as Record<string, string>))('%s is an executable file: %s', (_, path) => {
  expect(readFileSync(join(root, path), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  if (process.platform !== 'win32') expect(statSync(join(root, path)).mode & 0o111).toBe(0o111)
})

test('each entry point of the library has types and exports', async () => {
  for (const name of ['crypto', 'device']) {
    const { types, default: path } = manifest.exports[`./${name}`]
    expect(readFileSync(join(root, types), 'utf8')).toContain('export')
    expect(Object.keys(await import(join(root, path)))).not.toEqual([])
  }
})
