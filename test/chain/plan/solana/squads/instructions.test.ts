import { PublicKey, TransactionMessage, type AccountMeta } from '@solana/web3.js';
import {
  generated,
  getProposalPda,
  getTransactionPda,
  getVaultPda,
  instructions,
  utils,
} from '@sqds/multisig';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base58 } from '@cutover/chain/plan/solana/address.ts';
import type { Instruction } from '@cutover/chain/plan/solana/instruction.ts';
import { setAuthority, upgrade } from '@cutover/chain/plan/solana/loader-instructions.ts';
import {
  multisigAddress,
  proposalAddress,
  squadsProgram,
  transactionAddress,
  vaultAddress,
} from '@cutover/chain/plan/solana/squads/addresses.ts';
import { squadsErrors } from '@cutover/chain/plan/solana/squads/errors.ts';
import {
  approveProposal,
  cancelProposal,
  createProposal,
  createVaultTransaction,
  executeVaultTransaction,
  rejectProposal,
} from '@cutover/chain/plan/solana/squads/instructions.ts';
import {
  compileVaultMessage,
  instructionsOf,
  messageBytes,
} from '@cutover/chain/plan/solana/squads/message.ts';
import { memoProgram, upgradeMessage } from '@cutover/chain/plan/solana/squads/upgrade-message.ts';
import { addressOf, asWeb3, fromWeb3 } from '../kit.ts';

const multisig = addressOf('multisig');
const member = addressOf('member');
const index = 7n;
const vault = vaultAddress(multisig);
const [multisigPda, creator] = [new PublicKey(multisig), new PublicKey(member)];
const act = { multisig, index, member };
const message = upgradeMessage(vault, {
  program: addressOf('program'),
  buffer: addressOf('buffer'),
  spill: member,
  hash: '5'.repeat(64),
});

describe('the addresses of a multisig', () => {
  it('are those that the SDK derives', () => {
    const transactionIndex = 300n;
    expect(vaultAddress(multisig, 3)).toBe(getVaultPda({ multisigPda, index: 3 })[0].toBase58());
    expect(transactionAddress(multisig, 300n)).toBe(
      getTransactionPda({ multisigPda, index: transactionIndex })[0].toBase58(),
    );
    expect(proposalAddress(multisig, 300n)).toBe(
      getProposalPda({ multisigPda, transactionIndex })[0].toBase58(),
    );
    expect(multisigAddress(member)).not.toBe(multisig);
    expect(squadsProgram).toBe('SQDS4ep65T869zMMBKyuUq6aD6EgTu8psMjkvj52pCf');
  });
});

describe('an instruction for Squads', () => {
  const common = { multisigPda, transactionIndex: index };

  it.each<readonly [string, Instruction, Instruction]>([
    [
      'creates a proposal',
      createProposal(act),
      fromWeb3(instructions.proposalCreate({ ...common, creator })),
    ],
    [
      'approves',
      approveProposal(act),
      fromWeb3(instructions.proposalApprove({ ...common, member: creator })),
    ],
    ['rejects', rejectProposal(act), fromWeb3(instructions.proposalReject({ ...common, member: creator }))],
    ['cancels', cancelProposal(act), fromWeb3(instructions.proposalCancelV2({ ...common, member: creator }))],
  ])('%s byte for byte as the SDK does', (_, ours, theirs) => {
    expect(ours).toEqual(theirs);
  });

  it('creates a transaction byte for byte as the SDK does', () => {
    const list = instructionsOf(message) ?? [];
    const transactionMessage = new TransactionMessage({
      payerKey: new PublicKey(vault),
      recentBlockhash: PublicKey.default.toBase58(),
      instructions: list.map(asWeb3),
    });
    const args = { multisigPda, transactionIndex: index, creator, vaultIndex: 0, ephemeralSigners: 0 };
    expect(createVaultTransaction(act, 0, message)).toEqual(
      fromWeb3(instructions.vaultTransactionCreate({ ...args, transactionMessage })),
    );
  });

  it('executes byte for byte as the SDK does', async () => {
    const accountKeys = message.accounts.map((each) => new PublicKey(each));
    const { accountMetas } = await utils.accountsForTransactionExecute({
      connection: undefined as never,
      vaultPda: new PublicKey(vault),
      transactionPda: new PublicKey(transactionAddress(multisig, index)),
      ephemeralSignerBumps: [],
      message: {
        numSigners: message.signers,
        numWritableSigners: message.writableSigners,
        numWritableNonSigners: message.writableOthers,
        accountKeys,
        instructions: [],
        addressTableLookups: [],
      },
    });
    const anchorRemainingAccounts: AccountMeta[] = accountMetas;
    expect(executeVaultTransaction(act, 0, message)).toEqual(
      fromWeb3(
        generated.createVaultTransactionExecuteInstruction({
          multisig: multisigPda,
          proposal: new PublicKey(proposalAddress(multisig, index)),
          transaction: new PublicKey(transactionAddress(multisig, index)),
          member: creator,
          anchorRemainingAccounts,
        }),
      ),
    );
  });

  it('fits into one transaction with the proposal, whatever the vault', () => {
    // 1,232 bytes less two signatures, the blockhash, and what the budget takes.
    const both = [createVaultTransaction(act, 255, message), createProposal(act)];
    const accounts = new Set(
      both.flatMap((each) => [each.program, ...each.accounts.map(({ address }) => address)]),
    );
    const size = both.reduce((sum, each) => sum + each.data.length + each.accounts.length + 4, 0);
    expect(64 + 36 + 32 * (accounts.size + 1) + size + 30).toBeLessThan(1_232);
  });
});

describe('a message of a vault', () => {
  const address = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => base58(bytes));
  const instruction = fc.record({
    program: address,
    accounts: fc.array(fc.record({ address, signer: fc.constant(false), writable: fc.boolean() }), {
      maxLength: 6,
    }),
    data: fc.uint8Array({ maxLength: 300 }),
  });

  it('is the one that the SDK compiles', () => {
    fc.assert(
      fc.property(fc.array(instruction, { minLength: 1, maxLength: 4 }), (list) => {
        const withVault = [
          ...list,
          setAuthority({ account: multisig, authority: vault, newAuthority: member }),
        ];
        const theirs = utils.transactionMessageToMultisigTransactionMessageBytes({
          message: new TransactionMessage({
            payerKey: new PublicKey(vault),
            recentBlockhash: PublicKey.default.toBase58(),
            instructions: withVault.map(asWeb3),
          }),
          vaultPda: new PublicKey(vault),
        });
        expect(Buffer.from(messageBytes(compileVaultMessage(vault, withVault))).toString('hex')).toBe(
          Buffer.from(theirs).toString('hex'),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('gives back the instructions that it was made of', () => {
    const buffer = {
      program: addressOf('p'),
      buffer: addressOf('b'),
      spill: addressOf('s'),
      authority: vault,
    };
    const [only] = instructionsOf(compileVaultMessage(vault, [upgrade(buffer)])) ?? [];
    expect(only?.program).toBe(upgrade(buffer).program);
    expect(only?.data).toEqual(upgrade(buffer).data);
    expect(only?.accounts.map((each) => each.address)).toEqual(
      upgrade(buffer).accounts.map((each) => each.address),
    );
    expect(instructionsOf(message)?.[0]?.program).toBe(memoProgram);
  });

  it('that names accounts which it does not have is no message', () => {
    const [first] = message.instructions;
    if (first === undefined) throw new Error('it has instructions');
    const beyond = { ...message, instructions: [{ ...first, accounts: [200] }] };
    expect(instructionsOf(beyond)).toBeUndefined();
    expect(instructionsOf({ ...message, instructions: [{ ...first, program: 99 }] })).toBeUndefined();
  });
});

describe('what Squads refuses', () => {
  it('is told in words, with the numbers of its interface', () => {
    const codes = new Map(
      [
        generated.UnauthorizedError,
        generated.NotAMemberError,
        generated.StaleProposalError,
        generated.InvalidProposalStatusError,
        generated.AlreadyApprovedError,
        generated.AlreadyRejectedError,
        generated.AlreadyCancelledError,
        generated.TimeLockNotReleasedError,
        generated.ProtectedAccountError,
        generated.InvalidTransactionIndexError,
      ].map((Refusal) => [new Refusal().code, new Refusal().name]),
    );
    expect([...codes.keys()].filter((code) => squadsErrors(squadsProgram, code) === undefined)).toEqual([]);
    const early = [...codes].find(([, name]) => name === 'TimeLockNotReleased')?.[0] ?? 0;
    expect(squadsErrors(squadsProgram, early)).toContain('time lock has not run out');
    expect(squadsErrors(addressOf('other'), early)).toBeUndefined();
  });
});
