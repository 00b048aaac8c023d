import { describe, expect, it } from 'vitest';
import { databaseLabel, migrationProblems, withDefaults } from '@cutover/delivery/plan/migration-inputs.ts';
import type { DatabaseOf } from '@cutover/delivery/plan/migration-inputs.ts';
import { judgeLock, SILENCE_MS } from '@cutover/delivery/plan/migration-lock.ts';
import { driftText, failureText, stepsText } from '@cutover/delivery/plan/migration-text.ts';
import type { DatabaseKind } from '@cutover/delivery/plan/migration.ts';

function problems<Kind extends DatabaseKind>(kind: Kind, database: DatabaseOf[Kind], options = {}) {
  const inputs = { directory: 'migrations/x', migrations: {}, ...withDefaults(options), database };
  return migrationProblems(kind, inputs).map(({ property }) => property);
}

describe('a database', () => {
  const postgres = { host: '127.0.0.1', port: 15432, database: 'godark', user: 'godark' };

  it('that is described well has no problems', () => {
    expect(problems('postgres', postgres)).toEqual([]);
    expect(
      problems('mongo', { url: 'mongodb://127.0.0.1:27017/?replicaSet=rs', database: 'gemforce' }),
    ).toEqual([]);
    expect(problems('sqlite', { file: '.cutover/dev/a.db' })).toEqual([]);
  });

  it('tells all that is wrong at once', () => {
    expect(problems('postgres', { ...postgres, port: 0, user: '' }, { lock: { waitSeconds: -1 } })).toEqual([
      'database.user',
      'database.port',
      'lock.waitSeconds',
    ]);
  });

  it('never carries credentials in its URL', () => {
    const url = 'mongodb://admin:geheim@db.internal/';
    const found = migrationProblems('mongo', {
      directory: 'x',
      migrations: {},
      ...withDefaults({}),
      database: { url, database: 'a' },
    });
    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain('geheim');
  });

  it('is called by name, kind and place', () => {
    expect(databaseLabel('postgres', postgres)).toBe('godark (postgres 127.0.0.1:15432)');
    const url = 'mongodb+srv://cluster.example.net/?retryWrites=true';
    expect(databaseLabel('mongo', { url, database: 'gemforce' })).toBe(
      'gemforce (mongodb cluster.example.net)',
    );
    expect(databaseLabel('sqlite', { file: 'data/a.db' })).toBe('a.db (sqlite data/a.db)');
  });
});

describe('a lock', () => {
  const holder = { host: 'a', pid: 7, started: '1', since: '2025-01-01T00:00:00Z', token: 't' };

  it('is free when nobody holds it, and held while its holder lives', () => {
    expect(judgeLock({ holder: undefined, alive: undefined, silentMs: 0 })).toEqual({ kind: 'free' });
    expect(judgeLock({ holder, alive: true, silentMs: 1e9 })).toEqual({ kind: 'held', holder });
  });

  it('is abandoned at once when its process is gone, and by silence where that cannot be seen', () => {
    expect(judgeLock({ holder, alive: false, silentMs: 0 }).kind).toBe('abandoned');
    expect(judgeLock({ holder, alive: undefined, silentMs: SILENCE_MS - 1 }).kind).toBe('held');
    expect(judgeLock({ holder, alive: undefined, silentMs: SILENCE_MS }).kind).toBe('abandoned');
  });
});

describe('what is printed', () => {
  it('names what will run and what will be undone', () => {
    const step = (direction: 'up' | 'down', name: string) => ({ direction, name, checksum: '' });
    expect(stepsText([step('up', '0002_x'), step('up', '0003_y')])).toBe('will run: 0002_x, 0003_y');
    expect(stepsText([step('down', '0003_y'), step('up', '0002_x')])).toBe(
      'will undo: 0003_y; will run: 0002_x',
    );
  });

  it('tells what others did since', () => {
    expect(driftText(['a', 'b'], ['a', 'c'])).toBe(
      'b was undone and c was run since the last finished update',
    );
    expect(driftText(['a'], ['a'])).toBeUndefined();
  });

  const failure = {
    name: '0002_x',
    direction: 'up' as const,
    file: 'migrations/a/0002_x.sql',
    reason: 'no such column',
  };
  const content = '-- Up Migration\nSELECT 1;\nSELECT\n  nope;\nSELECT 3;\n';

  it('points at the statement and the place that the server named', () => {
    const sent = { text: content, dialect: 'postgres', position: content.indexOf('nope') + 1 } as const;
    expect(failureText({ ...failure, sent: { ...sent, source: { content, offset: 0 } } })).toBe(
      [
        '  file: migrations/a/0002_x.sql:4:3',
        '  statement: SELECT\n      nope',
        '  answer: no such column',
      ].join('\n'),
    );
  });

  it('finds the statement by how many had been completed, where the server names no place', () => {
    const sent = {
      text: content,
      dialect: 'postgres',
      completed: 2,
      source: { content, offset: 0 },
    } as const;
    expect(failureText({ ...failure, sent })).toContain('0002_x.sql:5:1\n  statement: SELECT 3\n');
  });
});
