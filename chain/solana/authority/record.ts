import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import type { UpgradeRecord } from '../../plan/solana/upgrade/record.ts';
import type { SolanaPool } from '../connection.ts';
import { journalOf } from '../journal/of-pool.ts';

/** Where the record of a program's last upgrade is: beside the journal of its cluster. SIDE EFFECTS: asks nodes. */
export async function recordPath(pool: SolanaPool, program: string): Promise<string> {
  const { path } = await journalOf(pool);
  return join(`${path.replace(/\.db$/, '')}-upgrades`, `${program}.json`);
}

/**
 * The record of a program's last upgrade. Of two, that of the journal's folder and that of the state, the one that began
 * later counts; the first where both began together, as it is written at every step. SIDE EFFECTS: reads a file.
 */
export async function readRecord(
  path: string,
  program: string,
  previous: UpgradeRecord | undefined,
): Promise<UpgradeRecord | undefined> {
  const kept = await readKept(path, program);
  if (kept === undefined || previous?.program !== program) return kept ?? previous;
  return previous.startedAt > kept.startedAt ? previous : kept;
}

/** Keeps a record. SIDE EFFECTS: writes a file. */
export async function writeRecord(path: string, record: UpgradeRecord): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(record, undefined, 2)}\n`);
}

async function readKept(path: string, program: string): Promise<UpgradeRecord | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const wrong = (problem: string): CutoverError =>
    new CutoverError('CUT-2482', { program, file: path, problem });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(messageOf(error));
  }
  if (!isRecord(value)) throw wrong('It has not the fields of a record.');
  if (value.program !== program) throw wrong(`It is about another program, ${value.program}.`);
  return value;
}

function isRecord(value: unknown): value is UpgradeRecord {
  if (typeof value !== 'object' || value === null) return false;
  const each = value as Readonly<Record<string, unknown>>;
  const isList = (name: string): boolean => {
    const list = each[name];
    return Array.isArray(list) && list.every((item) => typeof item === 'string');
  };
  return (
    ['program', 'hash', 'from'].every((name) => typeof each[name] === 'string') &&
    typeof each['startedAt'] === 'number' &&
    ['transactions', 'told'].every(isList) &&
    typeof each['milestones'] === 'object' &&
    each['milestones'] !== null
  );
}
