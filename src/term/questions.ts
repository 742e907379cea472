/**
 * Exports the three kinds of question that keydesk asks, from @inquirer/prompts. They have a file of their own so that
 * the bundle contains only these three: 28 KB instead of 585 KB, and 9 ms instead of 14 ms. The first question imports
 * this file.
 */
export { confirm, input, password } from '@inquirer/prompts'
