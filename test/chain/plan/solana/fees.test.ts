import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loaders } from '@cutover/chain/plan/solana/address.ts';
import {
  computeUnits,
  defaultCeiling,
  feeOf,
  feeOfInstructions,
  priorityFee,
  withComputeBudget,
} from '@cutover/chain/plan/solana/fees.ts';
import { joined, u64, u8 } from '@cutover/chain/plan/solana/instruction.ts';
import {
  createAccount,
  deployWithMaxDataLen,
  extendProgram,
  initializeBuffer,
  setComputeUnitLimit,
  setComputeUnitPrice,
  upgrade,
  write,
} from '@cutover/chain/plan/solana/loader-instructions.ts';
import { readRent, rentExempt, usualRent } from '@cutover/chain/plan/solana/rent.ts';
import { extensionFor, leastExtension, longestProgram } from '@cutover/chain/plan/solana/room.ts';
import { addressOf } from './kit.ts';

const payer = addressOf('payer');
const program = addressOf('program');
const buffer = addressOf('buffer');
const oneWrite = write({ buffer, authority: payer, offset: 0, bytes: Uint8Array.of(1) });

describe('rent', () => {
  it.each([
    [0, 890_880n],
    [36, 1_141_440n],
    // A token account: 0.00203928 SOL, as every wallet shows it.
    [165, 2_039_280n],
    [10_485_760, 72_981_780_480n],
  ])('of %s bytes is %s lamports', (space, lamports) => {
    expect(rentExempt(space)).toBe(lamports);
  });

  it('is what the cluster itself says', () => {
    const cheaper = joined(u64(6_333n), new Uint8Array(new Float64Array([1]).buffer), u8(50));
    expect(readRent(cheaper)).toEqual({ lamportsPerByteYear: 6_333n, exemptionYears: 1 });
    expect(rentExempt(0, readRent(cheaper))).toBe(128n * 6_333n);
    const usual = joined(u64(3_480n), new Uint8Array(new Float64Array([2]).buffer), u8(50));
    expect(readRent(usual)).toEqual(usualRent);
    expect(readRent(new Uint8Array(15))).toBeUndefined();
    expect(readRent(joined(u64(1n), new Uint8Array(new Float64Array([Number.NaN]).buffer)))).toBeUndefined();
  });
});

describe('the price of priority', () => {
  it('is what three of four paid, or less', () => {
    expect(priorityFee([4n, 1n, 3n, 2n])).toMatchObject({ microLamports: 3n, capped: false });
    expect(priorityFee([])).toEqual({
      microLamports: 0n,
      capped: false,
      why: 'nobody pays for priority now',
    });
    expect(priorityFee([0n, 0n, 0n, 9n]).microLamports).toBe(0n);
  });

  it('is cut off at the ceiling, and says so', () => {
    expect(priorityFee([5_000n], 1_000)).toEqual({
      microLamports: 1_000n,
      capped: true,
      why: '75 % of recent transactions paid 5000 micro-lamports a compute unit or less; the ceiling is 1000',
    });
  });

  it('is one that somebody paid, never above the ceiling, and not below most when not capped', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 3_000_000n), { minLength: 1 }), (recent) => {
        const { microLamports, capped } = priorityFee(recent);
        expect(microLamports).toBeLessThanOrEqual(BigInt(defaultCeiling));
        if (capped) return;
        expect(recent).toContain(microLamports);
        const below = recent.filter((price) => price <= microLamports).length;
        expect(below / recent.length).toBeGreaterThanOrEqual(0.75);
      }),
    );
  });
});

describe('compute units', () => {
  it('are those that built-in programs use', () => {
    expect(computeUnits([oneWrite])).toBe(2_370);
    expect(computeUnits([setComputeUnitLimit(1), setComputeUnitPrice(1n), oneWrite])).toBe(2_670);
    const created = createAccount({
      payer,
      account: buffer,
      lamports: 1n,
      space: 1,
      owner: loaders.upgradeable,
    });
    expect(computeUnits([created, initializeBuffer({ buffer, authority: payer })])).toBe(2_520);
    expect(computeUnits([upgrade({ program, buffer, spill: payer, authority: payer })])).toBe(2_370);
    // These call the system program themselves.
    const deploy = deployWithMaxDataLen({ payer, program, buffer, authority: payer, maxDataLength: 1 });
    expect(computeUnits([deploy])).toBe(2_520);
    expect(computeUnits([extendProgram({ program, payer, additionalBytes: 1 })])).toBe(2_520);
  });

  it('of other programs are not known before they are tried', () => {
    const other = { program, accounts: [], data: new Uint8Array() };
    expect(computeUnits([oneWrite, other])).toBeUndefined();
    expect(withComputeBudget([other], 5n)).toEqual([other]);
    expect(withComputeBudget([other], 5n, 900)).toEqual([
      setComputeUnitLimit(900),
      setComputeUnitPrice(5n),
      other,
    ]);
  });

  it('are limited to what is used, with a price only where one is paid', () => {
    expect(withComputeBudget([oneWrite], 0n)).toEqual([setComputeUnitLimit(2_520), oneWrite]);
    expect(withComputeBudget([oneWrite], 7n)).toEqual([
      setComputeUnitLimit(2_670),
      setComputeUnitPrice(7n),
      oneWrite,
    ]);
  });
});

describe('the fee of a transaction', () => {
  it('is 5,000 lamports a signature and the limit at its price, rounded up', () => {
    expect(feeOf({ signatures: 2, units: 2_670, microLamports: 0n })).toBe(10_000n);
    expect(feeOf({ signatures: 1, units: 2_670, microLamports: 1n })).toBe(5_001n);
    expect(feeOf({ signatures: 1, units: 2_670, microLamports: 1_000_000n })).toBe(7_670n);
  });

  it('counts each signer once, the payer among them', () => {
    expect(feeOfInstructions(payer, [oneWrite], 0n)).toBe(5_000n);
    const other = write({ buffer, authority: addressOf('authority'), offset: 0, bytes: Uint8Array.of(1) });
    expect(feeOfInstructions(payer, [other, other], 0n)).toBe(10_000n);
  });
});

describe('the room of a program', () => {
  it('grows by what is missing, by 10,240 bytes at least, and to the end of an account at most', () => {
    expect(extensionFor(100, 100)).toBe(0);
    expect(extensionFor(101, 100)).toBe(leastExtension);
    expect(extensionFor(20_000, 100)).toBe(19_900);
    expect(extensionFor(longestProgram, longestProgram - 5)).toBe(5);
    fc.assert(
      fc.property(fc.nat(longestProgram), fc.nat(longestProgram), (length, room) => {
        const after = room + extensionFor(length, room);
        expect(after).toBeGreaterThanOrEqual(Math.max(length, room));
        expect(after).toBeLessThanOrEqual(longestProgram);
      }),
    );
  });
});
