import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpgradeRecord } from '@cutover/chain/plan/solana/upgrade/record.ts';
import { readRecord, writeRecord } from '@cutover/chain/solana/authority/record.ts';
import { refusal } from '../../refusal.ts';
import { addressOf } from '../../plan/solana/kit.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-record-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const program = addressOf('program');
const record: UpgradeRecord = {
  ...{ program, hash: '1'.repeat(64), from: '0'.repeat(64), startedAt: 100 },
  ...{ milestones: { proposed: { at: 101, transaction: 'tx' } }, transactions: ['tx'], told: ['proposed x'] },
};

describe('the record of an upgrade', () => {
  it('is read as it was written, and is nothing before', async () => {
    const path = join(folder, 'new', 'a.json');
    expect(await readRecord(path, program, undefined)).toBeUndefined();
    await writeRecord(path, record);
    expect(await readRecord(path, program, undefined)).toEqual(record);
  });

  it('is the one of the state where the folder has none, or one of an older upgrade', async () => {
    const path = join(folder, 'b.json');
    expect(await readRecord(path, program, record)).toEqual(record);
    await writeRecord(path, { ...record, startedAt: 50 });
    expect(await readRecord(path, program, record)).toEqual(record);
    await writeRecord(path, { ...record, told: [] });
    expect(await readRecord(path, program, record)).toMatchObject({ told: [] });
    expect(
      await readRecord(path, program, { ...record, program: addressOf('other'), startedAt: 500 }),
    ).toMatchObject({
      program,
    });
  });

  it.each([
    ['cut short', JSON.stringify(record).slice(0, 60)],
    ['no record', '{"program": 1}'],
    ['a list', '[]'],
    ['of another program', JSON.stringify({ ...record, program: addressOf('other') })],
    ['with transactions that are none', JSON.stringify({ ...record, transactions: [1] })],
  ])('is refused with its file when it is %s', async (_, text) => {
    const path = join(folder, 'broken.json');
    await writeFile(path, text);
    const refused = await refusal(readRecord(path, program, undefined));
    expect(refused.code).toBe('CUT-2482');
    expect(refused.message).toContain(path);
  });
});
