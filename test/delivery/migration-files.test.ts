import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readMigrations } from '@cutover/delivery/migrations/files.ts';
import { plannedMigrations } from '@cutover/delivery/migrations/front.ts';
import { folderOf, sql, temporaryFolder } from './migration-help.ts';

const root = temporaryFolder();
afterAll(root.remove);

const names = (kind: 'postgres' | 'mongo' | 'sqlite', files: Record<string, string>) =>
  readMigrations(kind, folderOf(root.path, files)).map(({ name }) => name);

describe('a folder of migrations', () => {
  it('is read in order, without what is no migration', () => {
    const files = {
      '10_b.sql': '',
      '9_a.ts': '',
      'README.md': '',
      '9_a.d.ts': '',
      '.hidden.sql': '',
      '3_c.sql.off': '',
    };
    expect(names('postgres', files)).toEqual(['9_a', '10_b']);
  });

  it('keeps the extension for migrate-mongo, which remembers it', () => {
    expect(names('mongo', { '2-b.cjs': '', '1-a.js': '', '3.sql': '', 'sample-migration.js': '' })).toEqual([
      '1-a.js',
      '2-b.cjs',
    ]);
  });

  it('takes a pair of files for one migration, and both for its checksum', () => {
    const pair = (down: string) =>
      readMigrations('sqlite', folderOf(root.path, { '1_a.up.sql': 'SELECT 1;', '1_a.down.sql': down }));
    expect(pair('x')).toMatchObject([{ name: '1_a', wayBack: 'yes' }]);
    expect(pair('x')[0]?.checksum).not.toBe(pair('y')[0]?.checksum);
  });

  it.each([
    [{ '1_a.sql': sql('SELECT 1;', 'SELECT 2;') }, 'yes'],
    [{ '1_a.sql': 'SELECT 1;' }, 'none'],
    [{ '1_a.up.sql': 'SELECT 1;' }, 'none'],
    [{ '1_a.js': 'exports.up = () => {};\nexports.down = false;' }, 'none'],
    [{ '1_a.ts': 'export const up = () => {};\nexport const down: false = false;' }, 'none'],
    [{ '1_a.js': 'exports.up = () => {};' }, 'unknown'],
  ])('knows whether there is a way back without loading anything: %o', (files, wayBack) => {
    expect(readMigrations('postgres', folderOf(root.path, files as Record<string, string>))[0]?.wayBack).toBe(
      wayBack,
    );
  });

  it.each([
    [{ 'a.sql': '' }, 'a.sql has no number in front'],
    [{ '1_a.sql': '', '1_a.js': '' }, 'two files have one name'],
    [{ '1_a.down.sql': '' }, 'there is no .up.sql'],
    [{ "1_it's.sql": '' }, "cannot record a name with a ' in it"],
    [{ '20251399999999999_a.sql': '' }, '17 digits in front are read as a date'],
    [{ '1_a.sql': Buffer.from("SELECT 'Müller'", 'latin1') }, '1_a.sql is not UTF-8 text'],
    [{ '1_a.sql': Buffer.from('SELECT 1', 'utf16le').fill(0xff, 0, 2) }, '1_a.sql is not UTF-8 text'],
    [{ '1_a.sql': '-- +goose Up\nCREATE TABLE a ();\n-- +goose Down\nDROP TABLE a;' }, '`-- +goose Down`'],
    [{ '1.do.a.sql': '', '1.undo.a.sql': '' }, '1.undo.a.sql undoes 1.do.a.sql by its name'],
    [{ '1_a.SQL': '' }, 'write its ending in small letters, 1_a.sql'],
    [{ '1_a.sql': '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;' }, 'written for another tool'],
  ])('is refused as a whole when it is not in order: %o', (files, reason) => {
    const folder = folderOf(root.path, files as Record<string, string>);
    expect(() => readMigrations('postgres', folder)).toThrow(reason);
  });

  it('is refused when another tool gave each migration a folder of its own', () => {
    const folder = folderOf(root.path, { 'migration_lock.toml': 'provider = "postgresql"' });
    for (const name of ['20250102_b', '20250101_a', 'helpers']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, name === 'helpers' ? 'index.sql' : 'migration.sql'), 'SELECT 1;');
    }
    expect(() => readMigrations('postgres', folder)).toThrow(
      '20250101_a (and 1 more) is a folder with a migration in it',
    );
    rmSync(join(folder, '20250101_a'), { recursive: true });
    rmSync(join(folder, '20250102_b'), { recursive: true });
    expect(readMigrations('postgres', folder)).toEqual([]);
  });

  it('that is not there is told', () => {
    expect(() => readMigrations('mongo', 'migrations/nowhere')).toThrow('CUT-4101');
  });
});

describe('what a program plans', () => {
  it('are the migrations up to the target, with checksums', () => {
    const folder = folderOf(root.path, { '1_a.sql': 'SELECT 1;', '2_b.sql': 'SELECT 2;' });
    expect(Object.keys(plannedMigrations('postgres', folder, '1'))).toEqual(['1_a']);
    expect(plannedMigrations('postgres', folder, 'latest')['2_b']).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(() => plannedMigrations('postgres', folder, '3')).toThrow('There are: 1_a, 2_b.');
  });
});
