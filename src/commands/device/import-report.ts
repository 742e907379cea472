/** The report of a device import: one line per row of the file, and a summary sentence. */
import type { ImportCounts, NewDevice } from '../../desk/import/devices.ts'
import { nameOf } from '../../desk/import/match.ts'
import type { ImportPlan, LinePlan } from '../../desk/import/plan.ts'
import type { LineFault } from '../../desk/import/rows.ts'
import { countOf, describeCounts, type ReportLine, refusedLine } from '../../import/report.ts'

/**
 * Yields the lines in the order of the file, with the refused ones in their places. `devices` are the added devices.
 */
export function* planLines(plan: ImportPlan, devices: readonly NewDevice[]): Iterable<ReportLine> {
  const drawn = new Map(devices.map((device) => [device.row.line, device]))
  const refused = [...plan.refused].sort((a, b) => a.line - b.line)
  let next = 0
  for (const line of plan.lines) {
    for (; (refused[next]?.line ?? Number.POSITIVE_INFINITY) < line.row.line; next++)
      yield refusedLine(refused[next] as LineFault)
    yield describePlanned(line, drawn.get(line.row.line))
  }
  for (const fault of refused.slice(next)) yield refusedLine(fault)
}

function describePlanned(planned: LinePlan, drawn: NewDevice | undefined): ReportLine {
  const { line, user } = planned.row
  if (planned.what === 'add') {
    const { deviceId = null, tag = null } = drawn ?? {}
    return { line, action: 'add', user, name: nameOf(planned.row), deviceId, tag }
  }
  const { deviceId, tag, name } = planned.what === 'change' ? planned.record : planned.device
  if (planned.what === 'change') return { line, action: 'change', user, name, deviceId, tag, fields: planned.fields }
  return { line, action: planned.what === 'same' ? 'unchanged' : 'retired', user, name, deviceId, tag }
}

export function describeImport(counts: ImportCounts, isRehearsal: boolean): string {
  const { added, changed, unchanged, retired, newUsers, refused } = counts
  const parts = [
    `${added} added${newUsers === 0 ? '' : ` with ${countOf(newUsers, 'new user')}`}`,
    `${changed} changed`,
    `${unchanged} unchanged`,
    ...(retired === 0 ? [] : [`${retired} left alone, for they are retired`]),
  ]
  return describeCounts(parts, isRehearsal, added + changed === 0, refused)
}
