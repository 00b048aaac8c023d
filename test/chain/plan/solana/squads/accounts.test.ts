import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base58 } from '@cutover/chain/plan/solana/address.ts';
import {
  readMultisig,
  readSquadsProposal,
  readVaultTransaction,
  type SquadsMultisig,
  type SquadsProposal,
  type VaultTransaction,
} from '@cutover/chain/plan/solana/squads/accounts.ts';
import { vaultAddress } from '@cutover/chain/plan/solana/squads/addresses.ts';
import { compileVaultMessage } from '@cutover/chain/plan/solana/squads/message.ts';
import { upgradeIn, upgradeMessage } from '@cutover/chain/plan/solana/squads/upgrade-message.ts';
import { setAuthority, upgrade } from '@cutover/chain/plan/solana/loader-instructions.ts';
import { addressOf } from '../kit.ts';
import { multisigData, proposalData, transactionData } from './kit.ts';

const [ann, bob] = [addressOf('ann'), addressOf('bob')];
const address = addressOf('multisig');
const hash = 'ab'.repeat(32);
const named = { program: addressOf('program'), buffer: addressOf('buffer'), spill: ann };

const multisig: SquadsMultisig = {
  createKey: addressOf('create key'),
  configAuthority: '11111111111111111111111111111111',
  threshold: 2,
  timeLock: 172_800,
  transactionIndex: 5n,
  staleTransactionIndex: 3n,
  members: [
    { address: ann, may: ['initiate', 'vote', 'execute'] },
    { address: bob, may: ['vote'] },
  ],
};
const proposal: SquadsProposal = {
  multisig: address,
  index: 4n,
  status: 'approved',
  since: 1_800_000_000,
  approved: [ann, bob],
  rejected: [],
  cancelled: [bob],
};
const transaction: VaultTransaction = {
  multisig: address,
  creator: ann,
  index: 4n,
  vaultIndex: 0,
  message: upgradeMessage(vaultAddress(address), { ...named, hash }),
};

describe('the accounts of Squads', () => {
  it('are read as the SDK writes them', () => {
    expect(readMultisig(multisigData(multisig))).toEqual(multisig);
    expect(readSquadsProposal(proposalData(proposal))).toEqual(proposal);
    expect(readVaultTransaction(transactionData(transaction))).toEqual(transaction);
  });

  it('are read in every status of a proposal', () => {
    for (const status of ['draft', 'active', 'rejected', 'approved', 'executed', 'cancelled'] as const) {
      expect(readSquadsProposal(proposalData({ ...proposal, status }))?.status).toBe(status);
    }
  });

  it('are read out of fixtures, so that another release of the SDK changes nothing unseen', () => {
    const file = join(import.meta.dirname, '../../../../fixtures/squads/accounts.json');
    const fixtures = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    const bytes = (name: string): Uint8Array => Buffer.from(fixtures[name] ?? '', 'base64');
    expect(readMultisig(bytes('multisig'))).toEqual(multisig);
    expect(readSquadsProposal(bytes('proposal'))).toEqual(proposal);
    expect(readVaultTransaction(bytes('transaction'))).toEqual(transaction);
  });

  it('are nothing when they are of another kind, or cut short anywhere', () => {
    const whole = transactionData(transaction);
    expect(readMultisig(proposalData(proposal))).toBeUndefined();
    expect(readSquadsProposal(new Uint8Array())).toBeUndefined();
    for (let length = 0; length < whole.length; length++) {
      expect(readVaultTransaction(whole.subarray(0, length))).toBeUndefined();
    }
  });

  it('never throw, whatever stands in them', () => {
    const wholes = [multisigData(multisig), proposalData(proposal), transactionData(transaction)];
    fc.assert(
      fc.property(fc.nat(2), fc.nat(400), fc.uint8Array({ maxLength: 40 }), (which, at, noise) => {
        const data = Buffer.from(wholes[which] ?? []);
        data.set(noise.subarray(0, Math.max(0, data.length - 8 - at)), Math.min(8 + at, data.length));
        for (const read of [readMultisig, readSquadsProposal, readVaultTransaction]) {
          expect(() => read(data)).not.toThrow();
        }
        const message = readVaultTransaction(data)?.message;
        if (message !== undefined) expect(() => upgradeIn(message)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

describe('an upgrade in a message', () => {
  const vault = vaultAddress(address);

  it('is found with the hash that its memo promises', () => {
    expect(upgradeIn(transaction.message)).toEqual({ ...named, promised: hash, pure: true });
  });

  it('is found without a promise where other tools made it', () => {
    const bare = compileVaultMessage(vault, [upgrade({ ...named, authority: vault })]);
    expect(upgradeIn(bare)).toEqual({ ...named, promised: undefined, pure: true });
  });

  it('is not pure beside anything else', () => {
    const theft = setAuthority({ account: addressOf('other'), authority: vault, newAuthority: bob });
    const both = compileVaultMessage(vault, [upgrade({ ...named, authority: vault }), theft]);
    expect(upgradeIn(both)?.pure).toBe(false);
    expect(upgradeIn({ ...transaction.message, lookups: 1 })?.pure).toBe(false);
    expect(upgradeIn(compileVaultMessage(vault, [theft]))).toBeUndefined();
  });

  it('does not take the hash of a memo about another program', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const other = upgradeMessage(vault, { ...named, program: base58(bytes), hash });
        const memo = other.instructions[0];
        const [, second] = transaction.message.instructions;
        if (memo === undefined || second === undefined) throw new Error('there are two');
        const forged = { ...transaction.message, instructions: [memo, second] };
        expect(upgradeIn(forged)?.promised).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });
});
