import type { TimelockProgramAuthority } from '../../plan/solana/authority.ts';
import type { Instruction } from '../../plan/solana/instruction.ts';
import {
  readProposal,
  readTimelock,
  type Timelock,
  type TimelockProposal,
} from '../../plan/solana/timelock/accounts.ts';
import { proposalAddress, timelockVault } from '../../plan/solana/timelock/addresses.ts';
import { timelockErrors } from '../../plan/solana/timelock/errors.ts';
import { approve, cancel, execute, propose, type Vote } from '../../plan/solana/timelock/instructions.ts';
import { approversOf } from '../../plan/solana/timelock/standing.ts';
import type { ProposalFacts } from '../../plan/solana/upgrade/facts.ts';
import {
  councilOfTimelock,
  timelockUpgradesOf,
  type TimelockReading,
} from '../../plan/solana/upgrade/from-timelock.ts';
import type { SolanaPool } from '../connection.ts';
import type { SolanaSigner } from '../keypairs.ts';
import { sendTransaction } from '../send.ts';
import { notThere, ownedBy, readBuffers } from './accounts.ts';
import type { AuthorityPort } from './port.ts';
import { openSigners } from './signers.ts';

/** Where a time lock is, and its program. */
export type TimelockPlace = Pick<TimelockProgramAuthority, 'program' | 'account'>;

// A request carries a hundred accounts: what lies further back is over.
const mostProposals = 100n;

/** A time lock of the project's own program. SIDE EFFECTS: reads keys. */
export async function openTimelockAuthority(
  pool: SolanaPool,
  authority: TimelockProgramAuthority,
): Promise<AuthorityPort> {
  const { program, account: timelock } = authority;
  const signers = await openSigners(pool.network, authority);
  const { proposer } = signers;
  const read = (): Promise<Timelock> => readTimelockAccount(pool, authority);
  const voteOf = (index: bigint, { address: member }: SolanaSigner): Vote => ({
    program,
    timelock,
    index,
    member,
  });
  const send = (
    purpose: string,
    signer: SolanaSigner,
    instruction: Instruction,
    effect: () => Promise<boolean>,
  ): Promise<string> =>
    sendTransaction(pool, {
      // Members need no SOL: the proposer pays for all of it.
      ...{ purpose, payer: proposer, signers: [signer], effect, instructions: [instruction] },
      explain: (failed, code) => (failed === program ? timelockErrors.get(code) : undefined),
    });
  const proposalAt = async (address: string): Promise<TimelockProposal | undefined> =>
    readProposal(ownedBy(program, await pool.getAccount(address)));
  const required = async ({ address }: ProposalFacts): Promise<TimelockProposal> => {
    const found = await proposalAt(address);
    if (found === undefined)
      throw notThere(pool, address, 'proposal of a time lock', 'it is not there any more');
    return found;
  };

  return {
    address: timelockVault(program, timelock),
    observe: async (desired) => {
      const reading = await readProposals(pool, authority);
      const buffers = timelockUpgradesOf(reading, desired.program).map(({ action }) => action.buffer);
      return councilOfTimelock(reading, desired, await readBuffers(pool, buffers), {
        proposer: proposer.address,
        approvers: signers.approvers,
      });
    },
    propose: async ({ desired, buffer }) => {
      const { proposals: index } = await read();
      const hash = Buffer.from(desired.fileHash, 'hex');
      const spill = proposer.address;
      const action = { kind: 'upgrade' as const, program: desired.program, buffer, spill, hash };
      const by = { proposer: proposer.address, payer: proposer.address };
      const address = proposalAddress(program, timelock, index);
      return send(
        `propose to upgrade ${desired.program}`,
        proposer,
        propose({ program, timelock, ...by, index, action }),
        async () => (await proposalAt(address)) !== undefined,
      );
    },
    approve: async (proposal, member) => {
      const { index } = await required(proposal);
      const signer = signers.of(member);
      return send(`approve ${proposal.address}`, signer, approve(voteOf(index, signer)), async () => {
        const [rules, now] = await Promise.all([read(), required(proposal)]);
        return now.state !== 'open' || approversOf(rules, now).includes(member);
      });
    },
    withdraw: async (proposal, member) => {
      const before = await required(proposal);
      const signer = signers.of(member);
      return send(`take back ${proposal.address}`, signer, cancel(voteOf(before.index, signer)), async () => {
        const now = await required(proposal);
        return now.state === 'cancelled' || now.cancellations !== before.cancellations;
      });
    },
    execute: async ({ desired }, proposal) => {
      if (proposal === undefined) throw new TypeError('a time lock executes proposals only');
      const { index, action } = await required(proposal);
      return send(
        `execute the upgrade of ${desired.program}`,
        proposer,
        execute(voteOf(index, proposer), action),
        async () => (await required(proposal)).state === 'executed',
      );
    },
  };
}

/** A time lock with its last hundred proposals. SIDE EFFECTS: asks nodes. */
export async function readProposals(pool: SolanaPool, authority: TimelockPlace): Promise<TimelockReading> {
  const { program, account: address } = authority;
  const [timelock, clock] = await Promise.all([readTimelockAccount(pool, authority), pool.getClock()]);
  const count = timelock.proposals;
  const first = count > mostProposals ? count - mostProposals : 0n;
  const indexes = Array.from({ length: Number(count - first) }, (_, offset) => first + BigInt(offset));
  const addresses = indexes.map((index) => proposalAddress(program, address, index));
  const accounts = addresses.length === 0 ? [] : await pool.getAccounts(addresses);
  const proposals = accounts.flatMap((account) => readProposal(ownedBy(program, account)) ?? []);
  return { program, address, timelock, proposals, now: clock.unixTimestamp };
}

async function readTimelockAccount(
  pool: SolanaPool,
  { program, account: address }: TimelockPlace,
): Promise<Timelock> {
  const account = await pool.getAccount(address);
  const timelock = readTimelock(ownedBy(program, account));
  if (timelock !== undefined) return timelock;
  const reason =
    account === undefined ? 'there is no account' : `the account is none of the program ${program}`;
  throw notThere(pool, address, 'time lock', reason);
}
