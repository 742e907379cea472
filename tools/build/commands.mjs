/** Describes both programs and all their commands, as the help shows them: reads the commander trees of the sources. */

import { describeCommand } from '../../src/completion/command-table.ts'
import { openProgram } from '../../src/program/keydesk.ts'
import { openProgram as openDeviceProgram } from '../../src/program/keydesk-device.ts'

/** Each command also has `after`: the help text below its options. */
export async function describePrograms() {
  const heard = []
  const context = { io: { out: (text) => heard.push(text), columns: 100 } }
  const programs = [await openProgram(context, () => true), openDeviceProgram(context)]
  return programs.map((program) => addHelp(program, describeCommand(program), heard))
}

function addHelp(command, fact, heard) {
  heard.length = 0
  command.outputHelp()
  const after = heard.join('').slice(command.helpInformation().length).trim()
  return { ...fact, after, commands: command.commands.map((each, i) => addHelp(each, fact.commands[i], heard)) }
}
