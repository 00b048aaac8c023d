import { describe, expect, it } from 'vitest';
import {
  copyWays,
  rowsToCopy,
  scratchName,
  scratchPrefix,
  type CopyFacts,
} from '@cutover/delivery/plan/migration-scratch.ts';

const facts: CopyFacts = {
  mayCreate: true,
  owns: true,
  others: 0,
  bytes: 10 * 2 ** 20,
  serverMajor: 18,
  dumpMajor: 18,
  settings: {},
};

describe('the ways to copy a PostgreSQL database', () => {
  it('are tried from the best: template, dump, replay', () => {
    expect(copyWays(facts)).toEqual({ open: ['template', 'dump', 'replay'], closed: [] });
  });

  it('leave out the template while others are connected', () => {
    expect(copyWays({ ...facts, others: 3 })).toEqual({
      open: ['dump', 'replay'],
      closed: [{ way: 'template', why: '3 other session(s) use the database' }],
    });
  });

  it('leave out an older pg_dump, and a missing one', () => {
    expect(copyWays({ ...facts, dumpMajor: 15 }).closed).toEqual([
      { way: 'dump', why: 'pg_dump 15 is older than the server (18)' },
    ]);
    expect(copyWays({ ...facts, dumpMajor: undefined }).open).toEqual(['template', 'replay']);
  });

  it('leave only the replay for a database that is too big', () => {
    expect(copyWays({ ...facts, bytes: 3 * 2 ** 30 }).open).toEqual(['replay']);
  });

  it('are none for a role that may not create databases, unless it was given one', () => {
    expect(copyWays({ ...facts, mayCreate: false }).open).toEqual([]);
    expect(copyWays({ ...facts, mayCreate: false, settings: { database: 'spare' } }).open).toEqual([
      'dump',
      'replay',
    ]);
  });
});

describe('the name of a copy', () => {
  it('is found by its database, fits in 63 characters, and differs by database', () => {
    const name = scratchName('a'.repeat(63), '00000000');
    expect(name.startsWith(scratchPrefix('a'.repeat(63)))).toBe(true);
    expect(name.length).toBeLessThanOrEqual(63);
    expect(scratchPrefix('godark')).not.toBe(scratchPrefix('godark2'));
  });
});

describe('rows to copy', () => {
  it('are those of tables and columns that both sides have; the rest is named', () => {
    const source = [
      { name: 'public.a', columns: ['id', 'made_by_hand'] },
      { name: 'public.extra', columns: ['id'] },
    ];
    expect(rowsToCopy(source, [{ name: 'public.a', columns: ['id'] }])).toEqual({
      tables: [{ name: 'public.a', columns: ['id'] }],
      missing: ['public.extra'],
    });
  });
});
