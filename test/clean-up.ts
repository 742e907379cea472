/**
 * Removes what the tests of a file leave behind: directories, agents, servers and processes.
 * A helper cannot call `afterAll` itself. Test files share their helpers (vitest.config.ts), so it would run after the
 * first file only. test/setup.ts calls it for each file.
 */
const tasks: (() => unknown)[] = []

/** Runs `task` when the tests of the file have ended. The newest task runs first. */
export function cleanUp(task: () => unknown): void {
  tasks.push(task)
}

export async function runCleanUp(): Promise<void> {
  for (const task of tasks.splice(0).reverse()) await task()
}
