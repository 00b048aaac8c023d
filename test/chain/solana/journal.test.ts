import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSolanaJournal, type JournalEntry } from '@cutover/chain/solana/journal/journal.ts';
import { solanaJournalPath } from '@cutover/chain/solana/journal/place.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cutover-solana-journal-'));
  path = join(folder, 'solana', 'devnet.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function entryOf(signature: string, given: Partial<JournalEntry> = {}): JournalEntry {
  return {
    ...{ key: 'write:B', item: 0, purpose: 'Write', signature, raw: Uint8Array.of(1, 2, 3) },
    ...{ blockhash: 'H', lastValidBlockHeight: 150 },
    ...given,
  };
}

describe('the journal of a cluster', () => {
  it('gives back what was signed, to the byte, until its end is known', () => {
    const journal = openSolanaJournal(path);
    const entries = [entryOf('one'), entryOf('two', { item: 900, raw: new Uint8Array(1_232).fill(7) })];
    journal.record([...entries, entryOf('elsewhere', { key: 'write:C' })]);
    expect(journal.open('write:B')).toEqual(entries);
    journal.settle(['one'], 'landed');
    journal.close();
    // Another process.
    const again = openSolanaJournal(path);
    expect(again.open('write:B')).toEqual(entries.slice(1));
    expect(again.counts()).toEqual({ landed: 1, signed: 2 });
    again.close();
  });

  it('knows the same transaction again, where an endpoint gives one blockhash out twice', () => {
    const journal = openSolanaJournal(path);
    journal.record([entryOf('one')]);
    journal.settle(['one'], 'expired');
    journal.record([entryOf('one')]);
    expect(journal.open('write:B')).toEqual([entryOf('one')]);
    journal.close();
  });

  it('closes what was for a buffer, and nothing else', () => {
    const journal = openSolanaJournal(path);
    journal.record([
      entryOf('one'),
      entryOf('two', { key: 'deploy:P:B' }),
      entryOf('three', { key: 'write:AB' }),
    ]);
    journal.finish('B');
    expect([journal.open('write:B'), journal.open('deploy:P:B')]).toEqual([[], []]);
    expect(journal.open('write:AB')).toHaveLength(1);
    journal.close();
  });

  it('gives a task to one process at a time, and that of one that is gone to the next', () => {
    const journal = openSolanaJournal(path);
    const alive = (owner: string): boolean => owner === 'first';
    expect(journal.claim('program P', 'first', alive)).toBe(undefined);
    expect(journal.claim('program P', 'second', alive)).toBe('first');
    expect(journal.claim('program Q', 'second', alive)).toBe(undefined);
    expect(journal.claim('program P', 'second', () => false)).toBe(undefined);
    journal.release('program P', 'first');
    expect(journal.owners()).toEqual(['second']);
    journal.close();
  });

  it('is readable by its owner only', () => {
    openSolanaJournal(path).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  it('is refused where the file is another’s', () => {
    openSolanaJournal(path).close();
    chmodSync(path, 0o600);
    writeFileSync(path, 'x'.repeat(4_096));
    expect(() => openSolanaJournal(path)).toThrow(expect.objectContaining({ code: 'CUT-2201' }));
  });
});

describe('where it is', () => {
  const endpoints = [{ url: 'http://127.0.0.1:8899' }];

  it('is one file for a public cluster', () => {
    expect(solanaJournalPath({ cluster: 'devnet', endpoints }, 'G')).toMatch(/solana\/devnet\.db$/);
  });

  it('tells local nodes from each other by their genesis hash and port', () => {
    expect(solanaJournalPath({ cluster: 'localnet', endpoints }, 'ABCDEFGHIJK')).toMatch(
      /solana\/localnet-ABCDEFGH-8899\.db$/,
    );
  });
});
