/** Both programs with all their commands, as the help has them: read from the commander trees of the sources. */

import { describeCommand } from '../../src/completion/command-table.ts'
import { openProgram } from '../../src/program/keydesk.ts'
import { openProgram as openDeviceProgram } from '../../src/program/keydesk-device.ts'

/** Each command also with `after`: what its help says below its options. */
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
