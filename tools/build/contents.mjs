/** Lists the packages that esbuild reports in the bundles: with hashes (an SBOM), and with their licences. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, root } from '../runtime.mjs'

/** Folders of the packages that a bundle uses, including nested packages. */
function bundledPackages(metafiles) {
  const folders = metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .map((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0])
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort()
}

/** `license` is a string. Some older packages have `licenses` instead, a list of objects. */
const termsOf = ({ license, licenses = [] }) => license ?? licenses.map(({ type }) => type).join(' OR ')

function licenceOf(folder) {
  const { name, version, license, licenses } = readJson(join(root, folder, 'package.json'))
  const terms = termsOf({ license, licenses })
  const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry))
  const text =
    file === undefined ? `(the package holds no licence text)` : readFileSync(join(root, folder, file), 'utf8').trim()
  if (terms === '') throw new Error(`${name} names no licence`)
  return `${name} ${version}: ${terms}\n\n${text.replaceAll('\r\n', '\n')}\n`
}

export function listLicences(metafiles) {
  const head = 'keydesk is bundled with the packages below, each under its own licence.\n'
  const rule = `\n${'-'.repeat(80)}\n\n`
  return [head, ...bundledPackages(metafiles).map(licenceOf)].join(rule)
}

/**
 * The packages in the bundles, as CycloneDX 1.6.
 * It has no time and no serial number, so that the same sources give the same file.
 */
export function listPackages(metafiles) {
  const { packages } = readJson(join(root, 'package-lock.json'))
  const { name, version, license } = readJson(join(root, 'package.json'))
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { ...componentOf({ name, version, license }), type: 'application' } },
    components: bundledPackages(metafiles).map((folder) =>
      componentOf(readJson(join(root, folder, 'package.json')), packages[folder]),
    ),
  }
  return `${JSON.stringify(bill, null, 2)}\n`
}

/** `locked` is the package's entry in the lockfile: it holds the hash of the archive that was installed. */
function componentOf({ name, version, license, licenses }, locked) {
  const [, scope, plain] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name)
  const purl = `pkg:npm/${scope === undefined ? '' : `${encodeURIComponent(scope)}/`}${plain}@${version}`
  const hashes = (locked?.integrity ?? '').split(' ').flatMap((text) => {
    const [, content] = /^sha512-(.+)$/.exec(text) ?? []
    return content === undefined ? [] : [{ alg: 'SHA-512', content: Buffer.from(content, 'base64').toString('hex') }]
  })
  return {
    type: 'library',
    'bom-ref': purl,
    ...(scope !== undefined && { group: scope }),
    name: plain,
    version,
    purl,
    licenses: [describeTerms(termsOf({ license, licenses }))],
    ...(hashes.length > 0 && { hashes }),
  }
}

/** An SPDX expression where the package uses one; otherwise the package's own words. */
function describeTerms(terms) {
  return /^\(?[\w.-]+( (OR|AND|WITH) [\w.-]+)*\)?$/.test(terms) ? { expression: terms } : { license: { name: terms } }
}
