import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processCommand } from '@cutover/base/process-identity.ts';
import { probePostgres } from '@cutover/delivery/processes/probe.ts';
import { runs, type Identity } from '@cutover/delivery/processes/process-table.ts';
import { endOfLog } from '@cutover/delivery/processes/start.ts';
import type { BodyOf, Ground, KeptProgram } from '../body.ts';
import type { Home } from './home.ts';

const startSeconds = 90;
/** What a server that was killed leaves for a moment: its children, who end when they see that it is gone. */
const heldByChildren = /pre-existing shared memory block|is another (postmaster|postgres)/;

/** Runs one of PostgreSQL's programs on an instance's data. */
export function programOf(home: Home, file: string, args: readonly string[]): KeptProgram {
  return {
    ...{ file, args, workingFolder: '/', log: home.log },
    environment: { LC_ALL: 'C' },
    ...(home.user !== undefined && { user: home.user }),
  };
}

/** Starts the server of an instance and waits until it takes logins. SIDE EFFECTS: starts a process that outlives us. */
export async function startServer(
  ground: Ground,
  body: BodyOf,
  home: Home,
  { bin, port }: { readonly bin: string; readonly port: number },
): Promise<Identity> {
  const giveUp = Date.now() + startSeconds * 1000;
  for (;;) {
    await removeStalePid(home.data);
    const server = await ground.spawnKept(body, programOf(home, join(bin, 'postgres'), ['-D', home.data]));
    const how = await Promise.race([server.ended, answers(server, port, giveUp)]);
    if (how === undefined) return { pid: server.pid, started: server.started };
    await ground.stop([server], 'SIGINT');
    const lastLines = await endOfLog(home.log);
    if (!heldByChildren.test(lastLines) || Date.now() > giveUp) {
      throw new Error(`PostgreSQL did not start (${how}):\n${lastLines}`);
    }
    await sleep(200);
  }
}

/** Ends the server of an instance in order: sessions are ended, data is written. SIDE EFFECTS: ends processes. */
export async function stopServer(ground: Ground, processes: readonly Identity[]): Promise<void> {
  await ground.stop(processes, 'SIGINT', 20);
}

/** Waits for the first login; why there was none where it gives up. */
async function answers(server: Identity, port: number, giveUp: number): Promise<string | undefined> {
  while (Date.now() < giveUp && (await runs(server))) {
    const heard = await probePostgres(port, 1000);
    // Alive as well: else a stranger on the same port has answered.
    if (heard.kind === 'answers' && heard.well && (await runs(server))) return undefined;
    await sleep(30);
  }
  return (await runs(server)) ? `no login within ${startSeconds} s` : 'it ended';
}

/** A pid in the way that belongs to no server of this data any more. */
async function removeStalePid(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!(pid > 0)) return;
  const command = await processCommand(pid);
  if (command?.includes(data) !== true) await rm(file, { force: true });
}
