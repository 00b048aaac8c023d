import { describe, expect, it } from 'vitest';
import { analyse, contractFolders, describeDifference, findSlither, readTriage } from './static-analysis.ts';
import { compareFindings, type Finding } from './static-analysis-findings.ts';

const slither = await findSlither();
// Where it cannot be brought, a developer may go on; what is merged may not.
const mayBeLeftOut = process.env['CI'] === undefined;
if (slither.state === 'missing' && mayBeLeftOut) {
  process.stderr.write(`\nTHE STATIC ANALYSIS OF CONTRACTS IS LEFT OUT: ${slither.why}\n\n`);
}

describe.skipIf(slither.state === 'missing' && mayBeLeftOut)('Slither', () => {
  const found = new Map<string, Finding[]>();
  const triage = readTriage();

  it('is here', () => {
    expect(slither).toMatchObject({ state: 'present' });
  });

  it.each(contractFolders())(
    'finds nothing in %s that is not explained',
    async (folder) => {
      if (slither.state === 'missing') throw new Error(slither.why);
      const findings = await analyse(folder, slither);
      found.set(folder, findings);
      const { unexplained } = compareFindings(findings, triage);
      expect(describeDifference({ unexplained, gone: [] })).toBe('');
    },
    120_000,
  );

  it('finds flaws that are there', async () => {
    if (slither.state === 'missing') throw new Error(slither.why);
    const findings = await analyse('test/chain/contracts/solidity/flawed', slither);
    const high = findings
      .filter(({ impact }) => impact === 'High')
      .map(({ detector, where }) => `${detector} ${where}`);
    expect(high.sort()).toEqual([
      'arbitrary-send-erc20 Flawed.sweep(IERC20,address,address,uint256)',
      'reentrancy-eth Flawed.withdraw()',
      'unchecked-transfer Flawed.sweep(IERC20,address,address,uint256)',
    ]);
  }, 120_000);

  it('finds everything that is explained', () => {
    expect([...found.keys()], 'all folders were looked through').toEqual(contractFolders());
    const { gone } = compareFindings([...found.values()].flat(), triage);
    expect(describeDifference({ unexplained: [], gone })).toBe('');
  });
});

describe('explanations', () => {
  const triage = readTriage();

  it('have a reason each, and each finding has one', () => {
    expect(triage.filter(({ reason }) => reason.trim().length < 20)).toEqual([]);
    const prints = triage.map(({ fingerprint }) => fingerprint);
    expect(prints.filter((print, index) => prints.indexOf(print) !== index)).toEqual([]);
  });
});
