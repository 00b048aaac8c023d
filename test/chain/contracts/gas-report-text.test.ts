import { describe, expect, it } from 'vitest';
import { gasReport, median, type MeasuredContract } from './gas-report-text.ts';

const vault: MeasuredContract = {
  name: 'Vault',
  source: 'chain/contracts/vault/Vault.sol',
  size: 12_288,
  deployment: 1_234_567n,
  calls: new Map([
    ['withdraw', [30_000n, 10_000n, 20_000n, 90_000n]],
    ['deposit', [5n]],
  ]),
};
const facet: MeasuredContract = {
  name: 'Facet',
  source: 'chain/contracts/diamond/Facet.sol',
  size: 100,
  deployment: undefined,
  calls: new Map(),
};
const report = gasReport([vault, facet], { solc: '0.8.1', anvil: '1.0.0' }).split('\n');

describe('the gas report', () => {
  it('has a line for each contract, by source, with its share of the largest size', () => {
    expect(report.filter((line) => line.includes('.sol'))).toEqual([
      '| Facet | `chain/contracts/diamond/Facet.sol` | 100 | 0.4 % | – |',
      '| Vault | `chain/contracts/vault/Vault.sol` | 12,288 | 50.0 % | 1,234,567 |',
    ]);
  });

  it('has a table of functions for each contract that was called', () => {
    expect(report.filter((line) => line.startsWith('## '))).toEqual(['## Vault']);
    expect(report.filter((line) => /^\| `(deposit|withdraw)/.test(line))).toEqual([
      '| `deposit` | 5 | 5 | 5 | 1 |',
      '| `withdraw` | 10,000 | 20,000 | 90,000 | 4 |',
    ]);
  });

  it('says what the figures were taken with', () => {
    expect(report.join('\n')).toContain(
      'solc 0.8.1, optimizer with 200 runs, EVM version cancun; anvil 1.0.0',
    );
  });
});

describe('the median', () => {
  it('is a figure that was measured', () => {
    expect(median([])).toBe(0n);
    expect(median([7n])).toBe(7n);
    expect(median([100n, 9n])).toBe(9n);
    expect(median([100n, 9n, 20n])).toBe(20n);
  });
});
