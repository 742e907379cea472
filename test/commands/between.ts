/**
 * A proxy between a command and its agent. It runs a function when a commit is durable and the command has shown
 * nothing of it yet. The command learns of the commit from the agent's reply, so the proxy holds that reply back
 * meanwhile. It passes everything else on.
 */
import { connect, createServer, type Socket } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { cleanUp } from '../clean-up.ts'
import { type Bench, openContext, readJson, storeOf } from './bench.ts'

export const HANG_UP = Symbol('hang up')

/** Runs `work` once, after the next commit. `happened` says whether that commit came. */
export async function afterCommit(
  bench: Bench,
  work: () => unknown,
): Promise<{ readonly happened: () => boolean; readonly leave: () => Promise<void> }> {
  const { socket } = openContext(bench).places
  const seq = await newestSeq(bench)
  let happened = false
  const server = createServer(async (client) => {
    const request = await readLine(client)
    const agent = connect(socket)
    agent.write(`${request}\n`)
    const reply = await readLine(agent)
    agent.destroy()
    if (!happened && tellsOfCommit(JSON.parse(request), JSON.parse(reply), seq)) {
      happened = true
      // The agent took the request, and its reply never arrives.
      if ((await work()) === HANG_UP) return void client.destroy()
    }
    client.end(`${reply}\n`)
  })
  // A second socket beside the agent's own: the agent ends when its own socket is gone.
  bench.socket = `${socket}.between`
  cleanUp(() => void server.close())
  await new Promise<void>((resolve) => server.listen(bench.socket, resolve))
  const leave = async () => {
    bench.socket = undefined
    await new Promise((resolve) => server.close(resolve))
  }
  return { happened: () => happened, leave }
}

/** Locks the store exclusively, as a backup program might. The function that it returns releases the store. */
export function occupyStore(bench: Bench): () => void {
  const db = new DatabaseSync(storeOf(bench))
  db.exec('BEGIN EXCLUSIVE')
  return () => db.close()
}

async function newestSeq(bench: Bench): Promise<number> {
  const entries = await readJson<{ seq: number }[]>(bench, ['audit', 'list'])
  return entries.at(-1)?.seq ?? 0
}

type Request = { readonly op: string; readonly keep?: { seq: number } | null; readonly work?: { name: string } }
type Reply = { readonly outcome?: { readonly answer?: { readonly seq?: number } } | null }

/**
 * A command that commits by itself sends the newest entry to the agent. For a commit of the agent, the entry is in its
 * answer.
 */
function tellsOfCommit({ op, keep }: Request, { outcome }: Reply, seq: number): boolean {
  return op === 'anchor' ? (keep?.seq ?? 0) > seq : op === 'perform' && (outcome?.answer?.seq ?? 0) > seq
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.on('error', () => undefined)
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
  })
}
