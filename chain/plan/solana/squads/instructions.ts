import { systemProgram } from '../address.ts';
import { joined, readable, signing, u32, u64, u8, writable, type Instruction } from '../instruction.ts';
import type { AccountUse } from '../instruction.ts';
import type { VaultMessage } from './accounts.ts';
import { proposalAddress, squadsProgram, transactionAddress, vaultAddress } from './addresses.ts';
import { messageBytes, usesOf } from './message.ts';
import { discriminator } from './reader.ts';

/** Which transaction of a multisig, and which member acts. The member pays, too. */
export interface SquadsAct {
  readonly multisig: string;
  readonly index: bigint;
  readonly member: string;
}

const noMemo = u8(0);

/** Puts a message before a multisig, as the transaction after its last one. */
export function createVaultTransaction(
  { multisig, index, member }: SquadsAct,
  vaultIndex: number,
  message: VaultMessage,
): Instruction {
  const bytes = messageBytes(message);
  const accounts = [writable(multisig), writable(transactionAddress(multisig, index)), ...paidBy(member)];
  const noFurtherSigners = u8(0);
  const length = u32(bytes.length);
  return squads(
    'vault_transaction_create',
    accounts,
    u8(vaultIndex),
    noFurtherSigners,
    length,
    bytes,
    noMemo,
  );
}

/** Opens the vote on a transaction. */
export function createProposal({ multisig, index, member }: SquadsAct): Instruction {
  const accounts = [readable(multisig), writable(proposalAddress(multisig, index)), ...paidBy(member)];
  const isDraft = u8(0);
  return squads('proposal_create', accounts, u64(index), isDraft);
}

/** Votes for a proposal. */
export function approveProposal(act: SquadsAct): Instruction {
  return squads('proposal_approve', voteUses(act), noMemo);
}

/** Votes against a proposal while it gathers approvals. */
export function rejectProposal(act: SquadsAct): Instruction {
  return squads('proposal_reject', voteUses(act), noMemo);
}

/** Votes to cancel an approved proposal, also a stale one. */
export function cancelProposal(act: SquadsAct): Instruction {
  return squads('proposal_cancel_v2', [...voteUses(act), readable(systemProgram)], noMemo);
}

/** Executes an approved transaction whose time has come. */
export function executeVaultTransaction(
  { multisig, index, member }: SquadsAct,
  vaultIndex: number,
  message: VaultMessage,
): Instruction {
  return squads('vault_transaction_execute', [
    readable(multisig),
    writable(proposalAddress(multisig, index)),
    readable(transactionAddress(multisig, index)),
    signing(readable(member)),
    ...usesOf(message, vaultAddress(multisig, vaultIndex)),
  ]);
}

function paidBy(member: string): readonly AccountUse[] {
  return [signing(readable(member)), signing(writable(member)), readable(systemProgram)];
}

function voteUses({ multisig, index, member }: SquadsAct): readonly AccountUse[] {
  return [readable(multisig), signing(writable(member)), writable(proposalAddress(multisig, index))];
}

function squads(name: string, accounts: readonly AccountUse[], ...data: readonly Uint8Array[]): Instruction {
  return { program: squadsProgram, accounts, data: joined(discriminator('global', name), ...data) };
}
