import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuseShortfall, shortfall } from '@cutover/chain/plan/solana/guards/balance.ts';
import { buildCommand } from '@cutover/chain/plan/solana/guards/build.ts';

const wallet = { address: '6TFY4CrQSybqMxQTF9dSoTpWenLatVzHZpMiXHQtBB26', balance: 1_000n, least: 100n };

describe('a balance that programs are to be paid from', () => {
  it('is short of exactly what, once it is there, is enough', () => {
    const needs = fc.array(fc.record({ title: fc.string(), lamports: fc.bigInt(0n, 10_000n) }));
    fc.assert(
      fc.property(needs, fc.bigInt(0n, 50_000n), (given, balance) => {
        const missing = shortfall(given, { ...wallet, balance });
        expect(shortfall(given, { ...wallet, balance: balance + missing })).toBe(0n);
        if (missing > 0n) expect(shortfall(given, { ...wallet, balance: balance + missing - 1n })).toBe(1n);
      }),
    );
  });

  it('may be empty when nothing is needed', () => {
    expect(shortfall([{ title: 'perps', lamports: 0n }], { ...wallet, balance: 0n })).toBe(0n);
  });

  it('is refused with the account, the amount, and what it is for', () => {
    const needs = [
      { title: 'perps', lamports: 2_500_000_000n },
      { title: 'time lock', lamports: 0n },
    ];
    const { code, message, exit } = refuseShortfall(needs, { ...wallet, balance: 500_000_000n }, 'devnet');
    expect([code, exit]).toEqual(['CUT-2532', 3]);
    expect(message).toContain(`${wallet.address} has 0.5 SOL on devnet, and 2.5000001 SOL are needed`);
    expect(message).toContain('  - perps: 2.5 SOL\n  - must stay in the account: 0.0000001 SOL');
    expect(message).not.toContain('time lock');
    expect(message).toContain('Send at least 2.0000001 SOL');
  });
});

describe('the command that makes a build', () => {
  it.each([
    [{ kind: 'anchor', program: 'perps' } as const, 'anchor build --verifiable --program-name perps'],
    [
      { kind: 'cargo-build-sbf', manifest: 'a/Cargo.toml' } as const,
      'cargo build-sbf --manifest-path a/Cargo.toml',
    ],
    [{ kind: 'solana-verify', library: 'perps' } as const, 'solana-verify build --library-name perps'],
    [{ kind: 'command', command: 'make perps' } as const, 'make perps'],
    [undefined, 'anchor build, or cargo build-sbf'],
  ])('of %j is %s', (tool, command) => {
    expect(buildCommand(tool)).toBe(command);
  });
});
