/** Vitest runs this file before each test file, even where the files share a process. */
import { afterAll } from 'vitest'
import { runCleanUp } from './clean-up.ts'

afterAll(runCleanUp)
