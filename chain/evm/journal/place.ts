import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runtimeFolder } from '@cutover/base/project.ts';
import { endpointOrder, isLocal, type NetworkRef } from '../../plan/network.ts';

/** Where journals are kept. CUTOVER_JOURNAL moves them, to a folder that a CI machine keeps for example. */
export function journalFolder(): string {
  return process.env['CUTOVER_JOURNAL'] || join(runtimeFolder, 'journal');
}

/**
 * The journal of an account on a chain. Local chains all have one id, so each is told from the others by its genesis
 * block, and by its port: two that are started in the same second have the same genesis block too.
 */
export function journalPath(
  network: Pick<NetworkRef, 'chainId' | 'endpoints'>,
  genesis: string,
  account: string,
): string {
  const which = isLocal(network) ? [genesis.slice(2, 10), ...portOf(network)] : [];
  return join(journalFolder(), [network.chainId, ...which].join('-'), `${account}.sqlite`);
}

function portOf({ endpoints }: Pick<NetworkRef, 'endpoints'>): string[] {
  const url = endpointOrder(endpoints)[0]?.url;
  return typeof url === 'string' && URL.canParse(url) ? [new URL(url).port || '80'] : [];
}

/** A journal as it lies in its folder. */
export interface JournalFile {
  readonly path: string;
  readonly chainId: number;
  /** Of a local chain: where its node listens. */
  readonly port: string | undefined;
  readonly account: string;
  readonly createdMs: number;
}

/** All journals that there are, the newest first. SIDE EFFECTS: reads the folder. */
export async function listJournals(): Promise<readonly JournalFile[]> {
  const folder = journalFolder();
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith('.sqlite'))
      .map(async (name): Promise<JournalFile> => {
        const path = join(folder, name);
        const [chainId = '', , port] = basename(dirname(path)).split('-');
        const { birthtimeMs } = await stat(path);
        const account = basename(path, '.sqlite');
        return { path, chainId: Number(chainId), port, account, createdMs: birthtimeMs };
      }),
  );
  return files.toSorted((a, b) => b.createdMs - a.createdMs);
}
