import type { SolanaAccount } from './answers.ts';
import type { SolanaPool } from './connection.ts';

/** Accounts that are asked for in one turn of the event loop. */
interface Group {
  readonly addresses: string[];
  readonly answer: Promise<readonly (SolanaAccount | undefined)[]>;
}

const mostAccounts = 100;
const groups = new Map<string, Group>();

/**
 * The same pool, where whole accounts that are asked for in the same turn of the event loop travel in one request, also
 * from several pools of one cluster: an engine looks at all resources at once, and not every node takes batches of
 * requests (surfpool takes none).
 */
export function accountsTogether(pool: SolanaPool): SolanaPool {
  const key = JSON.stringify(pool.network);
  const ask = async (addresses: readonly string[]): Promise<readonly (SolanaAccount | undefined)[]> => {
    let group = groups.get(key);
    // What belongs together is read at one moment: it is not torn apart between two requests.
    if (group === undefined || group.addresses.length + addresses.length > mostAccounts) {
      group = opened(pool, key);
    }
    const first = group.addresses.push(...addresses) - addresses.length;
    return (await group.answer).slice(first, first + addresses.length);
  };
  return {
    ...pool,
    getAccounts: (addresses, options) =>
      options?.slice === undefined && addresses.length <= mostAccounts
        ? ask(addresses)
        : pool.getAccounts(addresses, options),
    getAccount: async (address, options) =>
      options?.slice === undefined ? (await ask([address]))[0] : pool.getAccount(address, options),
  };
}

function opened(pool: SolanaPool, key: string): Group {
  const addresses: string[] = [];
  const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    if (groups.get(key) === group) groups.delete(key);
    return pool.getAccounts(addresses);
  });
  const group: Group = { addresses, answer };
  groups.set(key, group);
  return group;
}
