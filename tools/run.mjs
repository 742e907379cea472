/**
 * `node tools/run.mjs TASK …args`: every npm script starts here.
 * - It provides what the task needs: a Node that is new enough, the packages of the lockfile, a fresh build.
 * - It provides each of them only if it is missing or stale. Then it runs the task.
 * - In a fresh clone with an older Node and nothing installed it provides all of them; the second time none.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtHash, hashInputs } from './build/inputs.mjs'
import { fail, findNode, installPackages, readJson, root, runInPlace, say, withNodeFirst } from './runtime.mjs'

const vitest = 'node_modules/vitest/vitest.mjs'
const tsc = 'node_modules/typescript/bin/tsc'

/**
 * The tasks. Their steps run one after the other until one fails; with `all`, each step runs, whatever fails.
 * `packages`: install the packages first. `built`: build first. Each only if it is missing or stale.
 */
const TASKS = {
  test: { packages: true, built: true, all: true, steps: testSteps },
  demo: { packages: true, built: true, steps: (args) => [['tools/demo.mjs', ...args]] },
  build: { packages: true, steps: (args) => [['tools/build/index.mjs', ...args]] },
  lint: { packages: true, built: true, steps: (args) => [['tools/lint/index.mjs', ...args]] },
  types: { packages: true, steps: (args) => [[tsc, '--noEmit', ...args]] },
  torture: { packages: true, built: true, steps: (args) => [['tools/torture.mjs', ...args]] },
  mutations: { packages: true, steps: (args) => [['tools/mutations.mjs', ...args]] },
  package: { packages: true, built: true, program: 'bash', steps: () => [['tools/try-package.sh']] },
  pictures: { packages: true, built: true, steps: () => [['tools/pictures.mjs']] },
  bench: { packages: true, built: true, steps: (args) => [['tools/bench/index.mjs', ...args]] },
  check: {
    packages: true,
    built: true,
    steps: () => [['tools/lint/index.mjs'], [tsc, '--noEmit'], ...testSteps([])],
  },
  ci: { program: 'bash', steps: (args) => [['.ci/run', ...args]] },
  'ci:full': { program: 'bash', steps: (args) => [['.ci/run', '--full', ...args]] },
}

/**
 * The whole suite is two runs. The first measures coverage in the project `pure`: V8 runs code under coverage up to five
 * times slower. The second runs all other projects. `{run}` in an argument becomes `pure` or `programs`: each run needs
 * a report of its own.
 * A part of the suite, selected by a file or by -t, is one run without coverage.
 */
function testSteps(args) {
  const isPart = args.some((arg) => !arg.startsWith('-') || /^(-t|--testNamePattern|--project|--coverage)/.test(arg))
  if (isPart) return [[vitest, 'run', ...args]]
  const argsFor = (name, projects) => ['--project', projects, ...args.map((arg) => arg.replaceAll('{run}', name))]
  return [
    [vitest, 'run', '--coverage', ...argsFor('pure', 'pure*')],
    [vitest, 'run', ...argsFor('programs', '!pure*')],
  ]
}

/**
 * Whether node_modules holds exactly the packages that package-lock.json pins.
 * npm writes a lockfile into node_modules when an install is complete. A package may be missing there only if it is
 * optional (made for another platform).
 */
function packagesAreCurrent() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return false
  const have = readJson(installed).packages
  const { '': _self, ...want } = readJson(join(root, 'package-lock.json')).packages
  const matches = ([path, { version, integrity, optional }]) =>
    have[path] === undefined ? optional === true : have[path].version === version && have[path].integrity === integrity
  return Object.entries(want).every(matches) && Object.keys(have).every((path) => path in want)
}

async function main([name, ...args]) {
  const task = Object.hasOwn(TASKS, name ?? '')
    ? TASKS[name]
    : fail(`usage: node tools/run.mjs ${Object.keys(TASKS).join('|')} …args`)
  const node = findNode()
  const env = withNodeFirst(node)
  if (node !== process.execPath) {
    return runInPlace(node, [fileURLToPath(import.meta.url), name, ...args], { env })
  }
  if (task.packages && !packagesAreCurrent()) {
    say('installing the packages of package-lock.json')
    installPackages(root)
  }
  if (task.built && builtHash() !== hashInputs()) {
    const code = await runInPlace(node, ['tools/build/index.mjs'], { cwd: root, env })
    if (code !== 0) return code
  }
  let failed = 0
  for (const step of task.steps(args)) {
    const code = await runInPlace(task.program ?? node, step, { cwd: root, env })
    if (code !== 0 && task.all !== true) return code
    failed ||= code
  }
  return failed
}

process.exitCode = await main(process.argv.slice(2))
