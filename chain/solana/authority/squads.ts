import type { SquadsAuthority } from '../../plan/solana/authority.ts';
import {
  readMultisig,
  readSquadsProposal,
  readVaultTransaction,
  type SquadsProposal,
} from '../../plan/solana/squads/accounts.ts';
import {
  proposalAddress,
  squadsProgram,
  transactionAddress,
  vaultAddress,
} from '../../plan/solana/squads/addresses.ts';
import { squadsErrors } from '../../plan/solana/squads/errors.ts';
import {
  approveProposal,
  cancelProposal,
  createProposal,
  createVaultTransaction,
  executeVaultTransaction,
  rejectProposal,
  type SquadsAct,
} from '../../plan/solana/squads/instructions.ts';
import { upgradeIn, upgradeMessage } from '../../plan/solana/squads/upgrade-message.ts';
import type { ProposalFacts } from '../../plan/solana/upgrade/facts.ts';
import { councilOfSquads, upgradesOf, type SquadsReading } from '../../plan/solana/upgrade/from-squads.ts';
import type { Instruction } from '../../plan/solana/instruction.ts';
import type { SolanaPool } from '../connection.ts';
import type { SolanaSigner } from '../keypairs.ts';
import { sendTransaction } from '../send.ts';
import { notThere, ownedBy, readBuffers } from './accounts.ts';
import type { AuthorityPort } from './port.ts';
import { openSigners } from './signers.ts';

// Each takes two accounts, and a request carries a hundred: what lies further back is over, or never comes.
const mostEntries = 50n;

/** A multisig of Squads v4. SIDE EFFECTS: reads keys. */
export async function openSquadsAuthority(
  pool: SolanaPool,
  authority: SquadsAuthority,
): Promise<AuthorityPort> {
  const { multisig, vaultIndex = 0 } = authority;
  const vault = vaultAddress(multisig, vaultIndex);
  const signers = await openSigners(pool.network, authority);
  const { proposer } = signers;
  const at = (index: bigint, { address }: SolanaSigner): SquadsAct => ({ multisig, index, member: address });
  const send = (
    purpose: string,
    signer: SolanaSigner,
    instructions: readonly Instruction[],
    effect: () => Promise<boolean>,
  ): Promise<string> =>
    // Members need no SOL: the proposer pays for all of it.
    sendTransaction(pool, {
      ...{ purpose, payer: proposer, signers: [signer], instructions, effect },
      explain: squadsErrors,
    });
  const proposalOf = async (address: string): Promise<SquadsProposal | undefined> =>
    readSquadsProposal(ownedBy(squadsProgram, await pool.getAccount(address)));

  return {
    address: vault,
    observe: async (desired) => {
      const reading = await readSquads(pool, multisig, vaultIndex);
      const upgrades = upgradesOf(reading, desired.program);
      const buffers = upgrades.map(({ transaction }) => upgradeIn(transaction.message)?.buffer ?? '');
      const found = await readBuffers(pool, buffers);
      return councilOfSquads(reading, desired.program, found, {
        proposer: proposer.address,
        approvers: signers.approvers,
      });
    },
    propose: async ({ desired, buffer }) => {
      const { program, hash } = desired;
      const { transactionIndex } = (await readSquads(pool, multisig, vaultIndex, 0n)).multisig;
      const act = at(transactionIndex + 1n, proposer);
      const message = upgradeMessage(vault, { program, buffer, spill: proposer.address, hash });
      const address = proposalAddress(multisig, act.index);
      return send(
        `propose to upgrade ${program}`,
        proposer,
        [createVaultTransaction(act, vaultIndex, message), createProposal(act)],
        async () => (await proposalOf(address)) !== undefined,
      );
    },
    approve: async (proposal, member) => {
      const { index } = await requireProposal(proposal);
      const signer = signers.of(member);
      return send(`approve ${proposal.address}`, signer, [approveProposal(at(index, signer))], async () =>
        ((await proposalOf(proposal.address))?.approved ?? []).includes(member),
      );
    },
    withdraw: async (proposal, member) => {
      const { index, status } = await requireProposal(proposal);
      const signer = signers.of(member);
      const [vote, votes] =
        status === 'approved'
          ? [cancelProposal, 'cancelled' as const]
          : [rejectProposal, 'rejected' as const];
      return send(`take back ${proposal.address}`, signer, [vote(at(index, signer))], async () =>
        ((await proposalOf(proposal.address))?.[votes] ?? []).includes(member),
      );
    },
    execute: async ({ desired }, proposal) => {
      if (proposal === undefined) throw new TypeError('a multisig executes proposals only');
      const { index } = await requireProposal(proposal);
      const transaction = readVaultTransaction(
        ownedBy(squadsProgram, await pool.getAccount(transactionAddress(multisig, index))),
      );
      if (transaction === undefined)
        throw notThere(pool, proposal.address, 'proposal of Squads', 'it was closed meanwhile');
      return send(
        `execute the upgrade of ${desired.program}`,
        proposer,
        [executeVaultTransaction(at(index, proposer), vaultIndex, transaction.message)],
        async () => (await proposalOf(proposal.address))?.status === 'executed',
      );
    },
  };

  async function requireProposal(proposal: ProposalFacts): Promise<SquadsProposal> {
    const found = await proposalOf(proposal.address);
    if (found === undefined)
      throw notThere(pool, proposal.address, 'proposal of Squads', 'it was closed meanwhile');
    return found;
  }
}

async function readSquads(
  pool: SolanaPool,
  address: string,
  vaultIndex: number,
  most = mostEntries,
): Promise<SquadsReading> {
  const account = await pool.getAccount(address);
  const multisig = readMultisig(ownedBy(squadsProgram, account));
  if (multisig === undefined) {
    const reason = account === undefined ? 'there is no account' : 'the account is none of Squads';
    throw notThere(pool, address, 'Squads multisig', `${reason}; a vault is not its multisig`);
  }
  const last = multisig.transactionIndex;
  const first = last > most ? last - most + 1n : 1n;
  const indexes = Array.from({ length: Number(last - first) + 1 }, (_, offset) => first + BigInt(offset));
  const accounts = await pool.getAccounts(
    indexes.flatMap((index) => [transactionAddress(address, index), proposalAddress(address, index)]),
  );
  const entries = indexes.flatMap((_, offset) => {
    const transaction = readVaultTransaction(ownedBy(squadsProgram, accounts[2 * offset]));
    const proposal = readSquadsProposal(ownedBy(squadsProgram, accounts[2 * offset + 1]));
    return transaction === undefined || proposal === undefined ? [] : [{ transaction, proposal }];
  });
  return { address, multisig, vaultIndex, entries };
}
