import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeStalePid } from '@cutover/delivery/processes/postgres/stale-pid.ts';
import { probePostgres } from '@cutover/delivery/processes/probe.ts';
import { runs, type Identity } from '@cutover/delivery/processes/process-table.ts';
import { endOfLog } from '@cutover/delivery/processes/start.ts';
import type { BodyOf, Ground, KeptProgram } from '../body.ts';
import { answersWell } from '../processes.ts';
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
  if (await answersWell(server, () => probePostgres(port, 1000), giveUp)) return undefined;
  return (await runs(server)) ? `no login within ${startSeconds} s` : 'it ended';
}
