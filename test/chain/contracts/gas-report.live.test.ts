import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { fromRoot } from '@cutover/base/project.ts';
import { makeGasReport, reportFile } from './gas-report.ts';

it('the gas report is what the contracts need now: else run node test/chain/contracts/gas-report.ts', async () => {
  const current = await makeGasReport();
  expect(await readFile(fromRoot(reportFile), 'utf8')).toBe(current);
}, 180_000);
