import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  openJournal,
  type Circumstances,
  type Intent,
  type Journal,
  type NewAttempt,
} from '@cutover/chain/evm/journal/journal.ts';
import { journalPath } from '@cutover/chain/evm/journal/place.ts';
import { CutoverError } from '@cutover/base/errors.ts';

let folder: string;
let path: string;
const opened: Journal[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cutover-journal-test-'));
  path = join(folder, '31337', '0xabc.sqlite');
});
afterEach(() => {
  opened.splice(0).forEach((journal) => journal.close());
  rmSync(folder, { recursive: true, force: true });
});

function open(genesis = '0xgenesis'): Journal {
  const journal = openJournal(path, genesis);
  opened.push(journal);
  return journal;
}

const intent = (number: number): Intent => ({
  ...{
    key: `k${number}`,
    purpose: `p${number}`,
    to: `0x${'11'.repeat(20)}`,
    data: `0x0${number}`,
    value: 1n,
  },
  ...{ gasLimit: 21_000n, level: 'medium', signer: { kind: 'env', name: 'DEPLOYER' }, cost: 42n },
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
const attempt = (hash: string): NewAttempt => ({
  ...{ kind: 'first', payload: '0xsigned', hash },
  fees: { type: 2, maxFeePerGas: 3n, maxPriorityFeePerGas: 1n },
});

function refused(work: () => unknown): CutoverError {
  try {
    work();
  } catch (error) {
    if (error instanceof CutoverError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a journal', () => {
  it('keeps what is wanted, its nonce and every signed payload, for the next process', () => {
    const journal = open();
    const { id } = journal.admit(intent(1), circumstances);
    expect(journal.record(id, attempt('0xa'), 0)).toBe(true);
    journal.handedOver(id, '0xa');
    expect(journal.record(id, { ...attempt('0xb'), kind: 'bump' }, 1)).toBe(true);
    const again = open();
    expect(again.find('0xa')).toEqual(journal.get(id));
    expect(again.get(id)).toMatchObject({
      ...{ key: 'k1', nonce: 0, state: 'pending', value: 1n, signer: { kind: 'env', name: 'DEPLOYER' } },
      attempts: [
        { hash: '0xa', state: 'sent', fees: attempt('0xa').fees },
        { hash: '0xb', state: 'signed', kind: 'bump' },
      ],
    });
    expect(again.payloadOf('0xb')).toBe('0xsigned');
    expect(again.dataOf(id)).toBe('0x01');
    const lived = again.history(id).map(({ what }) => what);
    expect(lived).toEqual(['admitted with nonce 0', 'signed 0xa', 'handed over 0xa', 'bump 0xb']);
  });

  it('keeps one payload where two processes sign at the same time', () => {
    const [one, two] = [open(), open()];
    const { id } = one.admit(intent(1), circumstances);
    expect(one.record(id, attempt('0xa'), 0)).toBe(true);
    expect(two.record(id, attempt('0xb'), 0)).toBe(false);
    expect(one.get(id).attempts.map(({ hash }) => hash)).toEqual(['0xa']);
  });

  it('gives each of two processes other nonces', () => {
    const [one, two] = [open(), open()];
    const nonces = [1, 2, 3, 4].map((number) => {
      const journal = number % 2 === 0 ? one : two;
      return journal.get(journal.admit(intent(number), circumstances).id).nonce;
    });
    expect(nonces).toEqual([0, 1, 2, 3]);
  });

  it('knows that a chain started anew has nothing of it', () => {
    const journal = open();
    const { id } = journal.admit(intent(1), circumstances);
    journal.restart('0xother');
    expect(journal.get(id)).toMatchObject({ state: 'orphaned', settled: true });
    expect(journal.genesis()).toBe('0xother');
    expect(journal.admit(intent(2), circumstances).admission).toMatchObject({ kind: 'send', nonce: 0 });
  });

  it('is readable by its owner only', () => {
    open();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  it('of a local chain is told from those of others by genesis block and port', () => {
    const local = (url: string, genesis: string): string =>
      journalPath({ chainId: 31337, endpoints: [{ url }] }, genesis, '0xabc');
    expect(local('http://127.0.0.1:8545', '0x1234567890')).toMatch(/31337-12345678-8545\/0xabc\.sqlite$/);
    const url = { kind: 'env', name: 'RPC' } as const;
    expect(journalPath({ chainId: 1, endpoints: [{ url }] }, '0x12', '0xabc')).toMatch(
      /journal[^/]*\/1\/0xabc\.sqlite$/,
    );
  });
});

describe('a journal that cannot be used', () => {
  /** What the file holds once nobody has it open. */
  function closed(): Buffer {
    const journal = openJournal(path, '0xgenesis');
    for (const number of [1, 2, 3]) journal.admit(intent(number), circumstances);
    journal.close();
    return readFileSync(path);
  }

  it('since its file was cut short is refused and left as it is', () => {
    const whole = closed();
    for (const length of [0, 100, 5_000, whole.length - 4_096]) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      const error = refused(open);
      expect([length, error.code]).toEqual([length, 'CUT-2201']);
      expect(statSync(path).size).toBe(length);
    }
  });

  it('since its file was overwritten is refused, with what to do', () => {
    const whole = closed();
    whole.fill(0xff, 4_096, 8_192);
    writeFileSync(path, whole);
    const error = refused(open);
    expect(error.code).toBe('CUT-2201');
    expect(error.message).toContain('move the file aside');
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('since it is no journal is refused', () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'not a database, just a long text that somebody wrote. '.repeat(30));
    expect(refused(open).code).toBe('CUT-2201');
    rmSync(path);
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE recipes (name TEXT)');
    other.close();
    expect(refused(open).code).toBe('CUT-2202');
  });

  it('since a newer Cutover wrote it is refused', () => {
    closed();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    expect(refused(open)).toMatchObject({ code: 'CUT-2203', details: { version: '99' } });
  });

  it('since the folder is in the way or the disk is full is refused before anything is sent', () => {
    writeFileSync(join(folder, '31337'), 'a file');
    const error = refused(open);
    expect(error).toMatchObject({ code: 'CUT-2200' });
    expect(error.message).toContain('CUTOVER_JOURNAL');
  });

  it('on a full disk keeps what it had', () => {
    closed();
    // A limit on the size of files is how a full disk looks from inside a process.
    const script = join(import.meta.dirname, 'fill-in-child.ts');
    const shell = `trap '' XFSZ; ulimit -f 100; exec "${process.execPath}" "${script}" "${path}"`;
    const { stdout } = spawnSync('bash', ['-c', shell], { encoding: 'utf8' });
    expect(stdout).toContain('CUT-2200');
    const kept = open().all();
    expect(kept.length).toBeGreaterThanOrEqual(3);
    expect(kept.slice(0, 3).map(({ key }) => key)).toEqual(['k1', 'k2', 'k3']);
  });

  it.skipIf(process.getuid?.() === 0)('in a folder that may not be written is refused', () => {
    closed();
    const copy = join(folder, 'copy.sqlite');
    copyFileSync(path, copy);
    chmodSync(dirname(path), 0o500);
    chmodSync(path, 0o400);
    expect(refused(() => open().admit(intent(9), circumstances)).code).toBe('CUT-2200');
    chmodSync(dirname(path), 0o700);
  });
});
