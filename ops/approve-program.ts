import type { ProgramAuthorityRef } from '@cutover/chain/plan/solana/authority.ts';
import type { SolanaNetworkRef } from '@cutover/chain/plan/solana/network.ts';
import type { SolanaSignerRef } from '@cutover/chain/plan/solana/signer.ts';
import type { WaitingForMembers, WantedBuild } from '@cutover/chain/plan/solana/timelock/waiting.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { CutoverConfig } from '../infra/config.ts';
import type { StackState } from './stack-state.ts';
import type { Terminal } from './terminal.ts';

/** A time lock that a stack's programs are under, and the builds that the stack wants there. */
export interface TimelockOfStack {
  readonly program: string;
  readonly account: string;
  readonly network: SolanaNetworkRef;
  readonly wanted: readonly WantedBuild[];
}

/** One proposal of a time lock, as `./cutover approve STACK --json` prints it. */
export interface WaitingOnSolana {
  readonly proposal: string;
  readonly timelock: string;
  readonly network: string;
  readonly number: number;
  readonly proposer: string;
  /** By the cluster's clock, ISO 8601. */
  readonly proposedAt: string;
  readonly does: readonly string[];
  readonly threshold: number;
  readonly approved: readonly string[];
  readonly waitsFor: readonly string[];
}

/** What was found on the clusters of a stack. */
export interface SeenOnSolana {
  readonly waiting: readonly { readonly lock: TimelockOfStack; readonly proposal: WaitingForMembers }[];
  /** Time locks that could not be looked at, and why. */
  readonly unseen: readonly string[];
}

/** The time locks that upgrades in a state go through. */
export function timelocksIn(resources: StackState['resources']): readonly TimelockOfStack[] {
  const locks = new Map<string, TimelockOfStack>();
  for (const { type, outputs } of resources) {
    const upgrade = outputs as UpgradeOutputs | undefined;
    if (!type.endsWith(':ProgramUpgrade') || upgrade?.authority.kind !== 'timelock') continue;
    const { title, fileHash, version, network, authority } = upgrade;
    const { program, account } = authority;
    const build = { title, program: upgrade.program, fileHash, version };
    const wanted = [...(locks.get(account)?.wanted ?? []), build];
    locks.set(account, { program, account, network, wanted });
  }
  return [...locks.values()];
}

interface UpgradeOutputs {
  readonly title: string;
  readonly program: string;
  readonly fileHash: string;
  readonly version?: string;
  readonly network: SolanaNetworkRef;
  readonly authority: ProgramAuthorityRef;
}

/** Asks the clusters what waits for members. SIDE EFFECTS: asks nodes. */
export async function seenOnSolana(locks: readonly TimelockOfStack[]): Promise<SeenOnSolana> {
  if (locks.length === 0) return { waiting: [], unseen: [] };
  const [{ openSolana }, { lookAtTimelock }] = await Promise.all([
    import('@cutover/chain/solana/connection.ts'),
    import('@cutover/chain/solana/authority/approve-timelock.ts'),
  ]);
  const looks = await Promise.all(
    locks.map(async (lock) => {
      try {
        const pool = openSolana(lock.network, { timeoutMs: lookTimeoutMs, tell: () => undefined });
        const proposals = await lookAtTimelock(pool, lock, lock.wanted);
        return proposals.map((proposal) => ({ lock, proposal }));
      } catch (error) {
        if (!(error instanceof CutoverError)) throw error;
        const why = unseen[error.code];
        if (why === undefined) throw error;
        return `The time lock ${lock.account} on ${lock.network.name}: ${why}.`;
      }
    }),
  );
  return {
    waiting: looks.flatMap((each) => (typeof each === 'string' ? [] : each)),
    unseen: looks.filter((each) => typeof each === 'string'),
  };
}

const lookTimeoutMs = 5_000;

const unseen: Readonly<Record<string, string>> = {
  'CUT-2440': 'no endpoint answers',
  'CUT-2490': 'it is not on the chain',
};

/** Approves one of them as a signer of the stack file. The exit code. SIDE EFFECTS: sends a transaction. */
export async function approveOnSolana(
  stack: string,
  { signers }: Pick<CutoverConfig, 'signers'>,
  { lock, proposal }: SeenOnSolana['waiting'][number],
  options: { readonly signer: string; readonly json: boolean },
  terminal: Terminal,
  agreed: (question: string) => boolean | Promise<boolean>,
): Promise<number> {
  const [{ openSolana }, { openSolanaSigner }, { approveAsMember }] = await Promise.all([
    import('@cutover/chain/solana/connection.ts'),
    import('@cutover/chain/solana/keypairs.ts'),
    import('@cutover/chain/solana/authority/approve-timelock.ts'),
  ]);
  const name = options.signer;
  const signer = await openSolanaSigner(solanaSignerNamed(stack, signers, name), lock.network);
  if (!options.json) printOnSolana({ waiting: [{ lock, proposal }], unseen: [] }, terminal);
  if (!(await agreed(`Approve as ${signer.address} (${name})?`))) {
    terminal.line('Nothing was sent.');
    return 1;
  }
  const done = await approveAsMember(openSolana(lock.network), lock, proposal, { ...signer, name });
  if (options.json) {
    const report = { stack, proposal: proposal.proposal, ...done };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return 0;
  }
  const { member, transaction, missing } = done;
  const how =
    transaction === undefined ? `Approved already as ${member}.` : `Approved as ${member}: ${transaction}`;
  terminal.line(terminal.style('green', how));
  terminal.line(
    missing === 0
      ? 'Enough members have approved: its delay runs; an update behind it executes it.'
      : `${missing} more of its members must approve.`,
  );
  return 0;
}

/** The proposal that is meant. */
export function chooseOnSolana(
  stack: string,
  { waiting }: SeenOnSolana,
  address: string | undefined,
): SeenOnSolana['waiting'][number] {
  const named = waiting.filter(({ proposal }) => address === undefined || proposal.proposal === address);
  const [first, ...others] = named;
  const known = waiting.map(({ proposal }) => proposal.proposal).join(', ') || 'none';
  if (first === undefined) {
    throw new CutoverError('CUT-2492', { stack, which: address ?? 'a proposal', known });
  }
  if (others.length > 0) throw new CutoverError('CUT-2493', { stack, count: named.length, known });
  return first;
}

function solanaSignerNamed(stack: string, signers: CutoverConfig['signers'], name: string): SolanaSignerRef {
  const signer = Object.hasOwn(signers, name) ? signers[name] : undefined;
  if (signer !== undefined && signer.kind !== 'kms') return signer;
  throw new CutoverError('CUT-2286', {
    ...{ stack, what: `signer ${name} that can sign on Solana` },
    known: Object.keys(signers).join(', ') || 'none',
    fix: 'Name a signer of cutover:signers of the kind ssm, env, file or, on dev, local.',
  });
}

/** What waits, for machines. */
export function reportOnSolana({ waiting }: SeenOnSolana): readonly WaitingOnSolana[] {
  return waiting.map(({ lock, proposal: { proposal, index, proposer, proposedAt, does, ...votes } }) => ({
    ...{ proposal, timelock: lock.account, network: lock.network.name, number: Number(index), proposer },
    ...{ proposedAt: new Date(proposedAt * 1000).toISOString(), does },
    ...{ threshold: votes.threshold, approved: votes.approved, waitsFor: votes.waitsFor },
  }));
}

/** What waits, for people. */
export function printOnSolana(seen: SeenOnSolana, { line, style }: Terminal): void {
  for (const each of reportOnSolana(seen)) {
    line(style('bold', each.proposal));
    line(`  time lock        ${each.timelock} on ${each.network}, proposal ${each.number}`);
    line(`  proposed         by ${each.proposer} at ${each.proposedAt}`);
    each.does.forEach((words, index) => {
      const shown = words.startsWith('WARNING') ? style('red', words) : words;
      line(`  ${index === 0 ? 'does' : '    '}             ${shown}`);
    });
    const { approved } = each;
    line(
      `  approved         ${approved.length} of ${each.threshold}: ${approved.join(', ') || 'nobody yet'}`,
    );
    if (each.waitsFor.length > 0) line(`  may approve      ${each.waitsFor.join(', ')}`);
    line();
  }
  for (const why of seen.unseen) line(style('yellow', why));
}
