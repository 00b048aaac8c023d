import { PublicKey } from '@solana/web3.js';
import { accounts, type generated } from '@sqds/multisig';
import type {
  SquadsMember,
  SquadsMultisig,
  SquadsProposal,
  VaultTransaction,
} from '@cutover/chain/plan/solana/squads/accounts.ts';

const bits = { initiate: 1, vote: 2, execute: 4 };

/** Room that the program keeps behind the fields: fixtures have some, too. */
const room = Buffer.alloc(40);

/** A multisig's account as the SDK writes it. */
export function multisigData(multisig: SquadsMultisig): Uint8Array {
  const [data] = accounts.Multisig.fromArgs({
    createKey: new PublicKey(multisig.createKey),
    configAuthority: new PublicKey(multisig.configAuthority),
    threshold: multisig.threshold,
    timeLock: multisig.timeLock,
    transactionIndex: Number(multisig.transactionIndex),
    staleTransactionIndex: Number(multisig.staleTransactionIndex),
    rentCollector: null,
    bump: 254,
    members: multisig.members.map(memberOf),
  }).serialize();
  return Buffer.concat([data, room]);
}

/** A proposal's account as the SDK writes it. */
export function proposalData(proposal: SquadsProposal): Uint8Array {
  const name = `${proposal.status.charAt(0).toUpperCase()}${proposal.status.slice(1)}`;
  const status = { __kind: name, timestamp: proposal.since } as unknown as generated.ProposalStatus;
  const keys = (addresses: readonly string[]): PublicKey[] => addresses.map((each) => new PublicKey(each));
  const [data] = accounts.Proposal.fromArgs({
    multisig: new PublicKey(proposal.multisig),
    transactionIndex: Number(proposal.index),
    status,
    bump: 253,
    approved: keys(proposal.approved),
    rejected: keys(proposal.rejected),
    cancelled: keys(proposal.cancelled),
  }).serialize();
  return Buffer.concat([data, room]);
}

/** A transaction's account as the SDK writes it. */
export function transactionData(transaction: VaultTransaction): Uint8Array {
  const { message } = transaction;
  const [data] = accounts.VaultTransaction.fromArgs({
    multisig: new PublicKey(transaction.multisig),
    creator: new PublicKey(transaction.creator),
    index: Number(transaction.index),
    bump: 255,
    vaultIndex: transaction.vaultIndex,
    vaultBump: 252,
    ephemeralSignerBumps: new Uint8Array(),
    message: {
      numSigners: message.signers,
      numWritableSigners: message.writableSigners,
      numWritableNonSigners: message.writableOthers,
      accountKeys: message.accounts.map((each) => new PublicKey(each)),
      instructions: message.instructions.map(({ program, accounts: places, data: bytes }) => ({
        programIdIndex: program,
        accountIndexes: Uint8Array.from(places),
        data: bytes,
      })),
      addressTableLookups: [],
    },
  }).serialize();
  return data;
}

function memberOf({ address, may }: SquadsMember): generated.Member {
  const mask = may.reduce((sum, each) => sum | bits[each], 0);
  return { key: new PublicKey(address), permissions: { mask } };
}
