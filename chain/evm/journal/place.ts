import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { journalFolder, portOf } from '../../journal/place.ts';
import { isLocal, type NetworkRef } from '../../plan/network.ts';

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
