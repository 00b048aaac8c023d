import { describe, expect, it } from 'vitest';
import { compareLayouts } from '@cutover/chain/plan/layout/compare-layouts.ts';
import { describeLayout, layoutJson } from '@cutover/chain/plan/layout/describe-layout.ts';
import { allowanceFor } from '@cutover/chain/plan/layout/finding.ts';
import { layoutRefusal } from '@cutover/chain/plan/layout/judge-layout.ts';
import { readingOf } from './kit.ts';

const old = readingOf({ variables: 'uint256 a; uint128 b' });
const comparison = compareLayouts('Vault', old, readingOf({ variables: 'address a; uint256 b; bool c' }));
const allowances = ['retyped:Vault.a:uint256 -> address', 'retyped:Vault.b:uint128 -> uint256'];

describe('what breaks', () => {
  it('is refused, each with the text that allows it', () => {
    const error = layoutRefusal(comparison);
    expect(error).toMatchObject({ code: 'CUT-2150', exit: 3 });
    expect(error?.message).toContain('2 finding(s)');
    expect(error?.message).toContain('~ Vault.b uint128 -> uint256 at slot 1: breaks: ');
    for (const text of allowances) expect(error?.message).toContain(JSON.stringify(text));
  });

  it('passes when all of it is allowed by name, and stays in sight', () => {
    expect(layoutRefusal(comparison, allowances.slice(0, 1))?.message).not.toContain(allowances[0]);
    expect(layoutRefusal(comparison, allowances)).toBeUndefined();
    const lines = describeLayout(comparison, allowances);
    expect(lines.filter((line) => line.endsWith('(allowed)'))).toHaveLength(2);
  });

  it('is not allowed by what allowed an earlier change of the same variable', () => {
    const later = compareLayouts('Vault', old, readingOf({ variables: 'address a; int256 b' }));
    expect(layoutRefusal(later, allowances)?.message).toContain('"retyped:Vault.b:uint128 -> int256"');
    expect(describeLayout(later, allowances)).toContain(
      'the allowance "retyped:Vault.b:uint128 -> uint256" fits nothing here: take it out',
    );
  });

  it('has one allowance for each finding', () => {
    const texts = comparison.findings.map(allowanceFor);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

it('a comparison has a JSON form that says the same', () => {
  const { findings, verdict } = JSON.parse(
    JSON.stringify(layoutJson(comparison, allowances.slice(0, 1))),
  ) as {
    readonly findings: readonly object[];
    readonly verdict: string;
  };
  expect(verdict).toBe('breaks');
  expect(findings.slice(0, 2)).toMatchObject([
    { path: 'Vault.a', verdict: 'breaks', slot: '0', offset: 0, allowed: true },
    { path: 'Vault.b', verdict: 'breaks', slot: '1', offset: 0, allowed: false },
  ]);
});

it('what is risky or unknown is not refused', () => {
  const risky = compareLayouts('Vault', old, readingOf({ variables: 'uint256 z' }));
  expect([risky.verdict, layoutRefusal(risky)]).toEqual(['risky', undefined]);
  const unknown = compareLayouts('Vault', { kind: 'unknown', why: 'lost' }, old);
  expect([unknown.verdict, layoutRefusal(unknown)]).toEqual(['unknown', undefined]);
});
