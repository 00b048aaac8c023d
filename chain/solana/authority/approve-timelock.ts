import { CutoverError } from '@cutover/base/errors.ts';
import { describeSolanaNetwork, isLocalCluster } from '../../plan/solana/network.ts';
import { timelockVault } from '../../plan/solana/timelock/addresses.ts';
import { timelockErrors } from '../../plan/solana/timelock/errors.ts';
import { approve } from '../../plan/solana/timelock/instructions.ts';
import {
  waitingForMembers,
  type WaitingForMembers,
  type WantedBuild,
} from '../../plan/solana/timelock/waiting.ts';
import type { SolanaPool } from '../connection.ts';
import { takeFromFaucet } from '../faucet.ts';
import type { SolanaSigner } from '../keypairs.ts';
import { sendTransaction } from '../send.ts';
import { readBuffers } from './accounts.ts';
import { readProposals, type TimelockPlace } from './timelock.ts';

/** What waits for the members of a time lock, as its cluster says it now. SIDE EFFECTS: asks nodes. */
export async function lookAtTimelock(
  pool: SolanaPool,
  place: TimelockPlace,
  wanted: readonly WantedBuild[],
): Promise<readonly WaitingForMembers[]> {
  return (await look(pool, place, wanted)).waiting;
}

/** What came of an approval. */
export interface TimelockApproval {
  readonly member: string;
  /** Undefined where the member had approved before. */
  readonly transaction: string | undefined;
  /** How many more approvals are needed. */
  readonly missing: number;
}

/**
 * One member approves what was shown. It pays the fee itself; on localnet the faucet helps. Refused where the signer is
 * no member, or the buffer is not what was proposed. SIDE EFFECTS: sends a transaction.
 */
export async function approveAsMember(
  pool: SolanaPool,
  place: TimelockPlace,
  shown: WaitingForMembers,
  signer: SolanaSigner & { readonly name: string },
): Promise<TimelockApproval> {
  const { program, account: timelock } = place;
  const network = describeSolanaNetwork(pool.network);
  const { address: member } = signer;
  const { members, waiting } = await look(pool, place, []);
  if (!members.includes(member)) {
    const names = { address: member, signer: signer.name, timelock, network, members: members.join(', ') };
    throw new CutoverError('CUT-2491', names);
  }
  const now = waiting.find(({ proposal }) => proposal === shown.proposal);
  // Others may have been quicker.
  if (now === undefined) return { member, transaction: undefined, missing: 0 };
  if (now.changed !== undefined) {
    const authority = timelockVault(program, timelock);
    throw new CutoverError('CUT-2476', { ...now.changed, proposal: now.proposal, network, authority });
  }
  if (now.approved.includes(member)) return { member, transaction: undefined, missing: missingOf(now) };
  if (isLocalCluster(pool.network) && (await pool.getBalance(member)) < feesOfAnApproval) {
    await takeFromFaucet(pool, member, feesOfAnApproval);
  }
  const still = async (): Promise<WaitingForMembers | undefined> =>
    (await look(pool, place, [])).waiting.find(({ proposal }) => proposal === now.proposal);
  const transaction = await sendTransaction(pool, {
    ...{ purpose: `approve ${now.proposal}`, payer: signer },
    instructions: [approve({ program, timelock, index: now.index, member })],
    effect: async () => (await still())?.approved.includes(member) !== false,
    explain: (failed, code) => (failed === program ? timelockErrors.get(code) : undefined),
  });
  const after = await still();
  return { member, transaction, missing: after === undefined ? 0 : missingOf(after) };
}

/** A hundredth of a SOL: fees of hundreds of approvals, and what an account must hold to be there at all. */
const feesOfAnApproval = 10_000_000n;

function missingOf({ threshold, approved }: WaitingForMembers): number {
  return threshold - approved.length;
}

async function look(
  pool: SolanaPool,
  place: TimelockPlace,
  wanted: readonly WantedBuild[],
): Promise<{ readonly members: readonly string[]; readonly waiting: readonly WaitingForMembers[] }> {
  const reading = await readProposals(pool, place);
  const buffers = reading.proposals.flatMap(({ action, state }) =>
    action.kind === 'upgrade' && state === 'open' ? [action.buffer] : [],
  );
  const waiting = waitingForMembers(reading, await readBuffers(pool, buffers), wanted);
  return { members: reading.timelock.rules.members, waiting };
}
