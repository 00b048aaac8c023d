import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { openJournal, type Circumstances, type Intent } from '@cutover/chain/evm/journal/journal.ts';
import type { TransactionsReport } from '../../ops/tx.ts';

let folder: string;
const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cutover-tx-'));
  // Where the dev stack's own node listens, and a chain of before that was wiped.
  for (const chain of ['31337-00000000-8545', '31337-11111111-8545', '31337-22222222-9999']) {
    const journal = openJournal(join(folder, chain, `${account}.sqlite`), '0x1');
    for (const number of [1, 2]) {
      const { id } = journal.admit(intent(`${chain.slice(6, 14)} ${number}`), circumstances);
      const hash = `0x${chain.slice(6, 14)}${number}`;
      const fees = { type: 2, maxFeePerGas: 2_500_000_000n, maxPriorityFeePerGas: 1n } as const;
      journal.record(id, { kind: 'first', payload: '0xsigned', hash, fees }, 0);
      journal.handedOver(id, hash);
    }
    const inclusion = { hash: '0x111111111', blockNumber: 7, blockHash: '0xb', succeeded: true, gasUsed: 1n };
    journal.observe(1, { kind: 'mined', inclusion, cancels: false });
    journal.close();
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const intent = (purpose: string): Intent => ({
  ...{ key: purpose, purpose, to: `0x${'11'.repeat(20)}`, data: '0x', value: 0n, gasLimit: 21_000n },
  ...{ level: 'medium', signer: { kind: 'local', account: 0 }, cost: 1n },
});
const circumstances: Circumstances = {
  facts: { minedCount: 0, pendingCount: 0, balance: 10n ** 18n },
  ...{
    terms: { inFlight: 16, grace: false },
    headNumber: 5,
    me: 'me',
    lives: () => true,
    missing: new Set(),
  },
};

function cutover(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(projectRoot, 'ops/main.ts'), ...args],
      { env: { ...process.env, CUTOVER_JOURNAL: folder, NO_COLOR: '1' } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe('./cutover tx', () => {
  it('lists what is on its way and what is done, of the chain that the stack has now', async () => {
    const { code, stdout } = await cutover('tx');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^STATE +FOR +NONCE +AT MOST +BUMPS +WHAT +NETWORK +HASH$/);
    expect(lines[1]).toMatch(/^confirmed .* 0 +2\.5 gwei +0 +11111111 1 +local +0x111111111$/);
    expect(lines[2]).toMatch(/^pending .* 1 +2\.5 gwei +0 +11111111 2 +local +0x111111112$/);
    expect(stdout).toContain('1 on their way.');
    expect(stdout).not.toContain('00000000 1');
  });

  it('prints the same as JSON, with the history', async () => {
    const { stdout } = await cutover('tx', 'dev', '--json');
    const report = JSON.parse(stdout) as TransactionsReport;
    expect(report.transactions).toMatchObject([
      { state: 'confirmed', inFlight: false, block: 7, account, nonce: 0 },
      { state: 'pending', inFlight: true, hash: '0x111111112', price: '2500000000', bumps: 0 },
    ]);
    const lived = report.transactions[1]?.history.map(({ what }) => what);
    expect(lived).toEqual(['admitted with nonce 1', 'signed 0x111111112', 'handed over 0x111111112']);
  });

  it('shows only those of an account or a network', async () => {
    expect((await cutover('tx', '--account', `0x${'22'.repeat(20)}`)).stdout).toContain('No transaction');
    expect((await cutover('tx', '--account', account.toLowerCase(), '--network', 'local')).stdout).toContain(
      '0x1111',
    );
  });

  it('does not take a mistyped account or network for one without transactions', async () => {
    const network = await cutover('tx', '--network', 'elsewhere');
    expect(network).toMatchObject({ code: 2, stdout: '' });
    expect(network.stderr).toMatch(/CUT-2237 [^]*Its networks are: local/);
    const half = await cutover('tx', '--account', '0x2222');
    expect(half).toMatchObject({ code: 2, stdout: '' });
    expect(half.stderr).toContain('40 hexadecimal digits');
  });

  it('says that a hash is not known, or that a stack is not', async () => {
    const unknown = await cutover('tx', 'bump', '0x12');
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain('CUT-2230');
    expect(await cutover('tx', 'nowhere')).toMatchObject({ code: 2 });
  });
});
