import { CutoverError } from '@cutover/base/errors.ts';
import type { Missing } from '../../authority/progress.ts';
import type { RollbackBuild, RollbackFacts } from '../rollback.ts';
import { accountAddress, readAccount } from './accounts.ts';
import type { ProgramInterface } from './interface.ts';
import type { Value, Values } from './values.ts';

/** An account of the program as the chain has it. */
export interface OwnedAccount {
  readonly address: string;
  readonly lamports: bigint;
  readonly data: Uint8Array;
}

/** What a user has in the exchange. */
export interface UserSeen {
  readonly address: string;
  readonly owner: string;
  /** Free; margins are in the positions. */
  readonly collateral: bigint;
  /** What the account itself holds: its rent. */
  readonly lamports: bigint;
}

export interface PositionSeen {
  readonly address: string;
  readonly user: string;
  readonly market: string;
  readonly margin: bigint;
  readonly lamports: bigint;
}

/** An exchange with its users and positions, as they were at one moment. */
export interface ExchangeSeen {
  readonly program: string;
  readonly address: string;
  /** As the interface names it: running, withdrawalsOnly, stopped. */
  readonly mode: string;
  /** Whether the limits of the beta hold. */
  readonly limited: boolean;
  readonly admin: string;
  readonly guardian: string;
  readonly lamports: bigint;
  /** All collateral and all margins. */
  readonly tvl: bigint;
  readonly pool: bigint;
  readonly users: readonly UserSeen[];
  readonly positions: readonly PositionSeen[];
  /** How many accounts of each layout stay when positions are closed and funds returned: `market 1`. */
  readonly layouts: ReadonlyMap<string, number>;
}

/** Reads all accounts of the program. Refused where the exchange is not among them, or cannot be read. */
export function readExchange(
  description: ProgramInterface,
  program: string,
  accounts: readonly OwnedAccount[],
): ExchangeSeen {
  const address = accountAddress(description, program, 'exchange');
  let exchange: { readonly values: Values; readonly lamports: bigint } | undefined;
  const users: UserSeen[] = [];
  const positions: PositionSeen[] = [];
  const layouts = new Map<string, number>();
  for (const account of accounts) {
    const { kind, layout, values } = readAccount(description, account.data);
    // Anybody can make an account of zeros and give it to a program; only the program writes into it.
    if (kind === undefined && account.data.every((byte) => byte === 0)) continue;
    if (kind === 'user' && values !== undefined) users.push(userOf(account, values));
    else if (kind === 'position' && values !== undefined) positions.push(positionOf(account, values));
    else {
      const name = kind === undefined ? 'unknown' : `${kind} ${layout}`;
      layouts.set(name, (layouts.get(name) ?? 0) + 1);
    }
    if (account.address === address && kind === 'exchange' && values !== undefined) {
      exchange = { values, lamports: account.lamports };
    }
  }
  if (exchange === undefined) throw new CutoverError('CUT-5571', { program, address });
  const { values, lamports } = exchange;
  return {
    ...{ program, address, lamports, users, positions, layouts },
    mode: modeOf(description, values['mode']),
    limited: Number(values['limited']) !== 0,
    admin: String(values['admin']),
    guardian: String(values['guardian']),
    tvl: amountOf(values['tvl']),
    pool: amountOf(values['pool']),
  };
}

/** A release as a rollback wants to know it: what it reads is what the interface says of it. */
export function rollbackBuild(
  { releases }: ProgramInterface,
  release: { readonly version: string; readonly hash: string; readonly reads: string },
): RollbackBuild {
  const known = [...(releases.get(release.reads) ?? [])];
  const layouts = known.flatMap(([kind, versions]) => versions.map((version) => `${kind} ${version}`));
  return { version: release.version, hash: release.hash, layouts };
}

/** What a rollback has to know of an exchange. Every user is owed something: the rent of the account at least. */
export function rollbackFacts(
  { mode, positions, users, layouts }: ExchangeSeen,
  hash: string,
  to: Pick<RollbackBuild, 'hash'>,
  waiting?: readonly Missing[],
): RollbackFacts {
  // While users may withdraw, what they are owed changes: on the way there nobody may. Behind it any pause is ended.
  const paused = hash === to.hash ? mode !== 'running' : mode === 'stopped';
  return { paused, hash, layouts, positions: positions.length, owed: users.length, waiting };
}

function userOf({ address, lamports }: OwnedAccount, values: Values): UserSeen {
  return { address, lamports, owner: String(values['owner']), collateral: amountOf(values['collateral']) };
}

function positionOf({ address, lamports }: OwnedAccount, values: Values): PositionSeen {
  const [user, market] = [String(values['user']), String(values['market'])];
  return { address, lamports, user, market, margin: amountOf(values['margin']) };
}

function modeOf({ modes }: ProgramInterface, value: Value | undefined): string {
  return [...modes].find(([, number]) => number === Number(value))?.[0] ?? `mode ${value}`;
}

function amountOf(value: Value | undefined): bigint {
  return BigInt(value ?? 0);
}
