import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloudFile, makeCloudFile, openCloudFile } from '../../../ops/twin/cloud-file.ts';
import { openCloud, type Cloud, type KeptThing } from '../../../ops/twin/cloud.ts';
import { edit } from '../../../ops/twin/edit.ts';

const settings = { account: '111111111111', seed: 's', timeScale: 0 };
let folder: string;
let cloud: Cloud;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twin-cloud-'));
  makeCloudFile(cloudFile(folder), settings);
  cloud = openCloud(folder);
});
afterEach(() => {
  cloud.close();
  rmSync(folder, { recursive: true, force: true });
});

const thing = (id: string, changes: Partial<KeptThing> = {}): KeptThing => ({
  ...{ type: 'aws:a:A', id, account: '111111111111', region: 'us-east-1', urn: `urn:${id}` },
  ...{ inputs: { tags: { Name: id } }, outputs: { arn: `arn:${id}` }, secrets: [], createdMs: 1, readyMs: 1 },
  ...changes,
});

describe('the cloud of the twin', () => {
  it('is a file for its user alone', () => {
    cloud.put(thing('a'));
    for (const suffix of ['', '-wal', '-shm']) {
      const file = `${cloudFile(folder)}${suffix}`;
      expect([suffix, existsSync(file) && statSync(file).mode & 0o777]).toEqual([suffix, 0o600]);
    }
  });

  it('finds things by id, ARN, place and resource', () => {
    for (const each of [
      thing('a'),
      thing('b', { region: 'eu-west-1' }),
      thing('c', { account: '222222222222' }),
    ]) {
      cloud.put(each);
    }
    const view = cloud.view();
    const here = { account: '111111111111', region: 'us-east-1' };
    expect(view.get('aws:a:A', 'a', here)).toMatchObject({ id: 'a' });
    expect(view.get('aws:a:A', 'b', here)).toBeUndefined();
    expect(view.byArn('arn:b')).toMatchObject({ id: 'b' });
    expect(view.all('aws:a:A', here).map(({ id }) => id)).toEqual(['a']);
    expect(view.all('aws:a:A', { account: here.account }).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(view.everywhere('aws:a:A')).toHaveLength(3);
    expect(cloud.view('urn:a').all('aws:a:A', here)).toEqual([]);
    expect(cloud.ofResource('aws:a:A', 'urn:c')?.id).toBe('c');
  });

  it('remembers what was deleted, without its secrets', () => {
    const here = { account: '111111111111', region: 'us-east-1' };
    const held = { inputs: { name: 'a', settings: [{ token: 'hidden' }] }, secrets: ['settings[0].token'] };
    cloud.put(thing('a', held));
    cloud.take(thing('a', held));
    expect(cloud.view().deleted?.('aws:a:A', { ...here, region: 'eu-west-1' })).toEqual([]);
    const [gone] = cloud.view().deleted?.('aws:a:A', here) ?? [];
    expect(gone).toMatchObject({ id: 'a', inputs: { name: 'a' }, deletedMs: expect.any(Number) as number });
    expect(JSON.stringify(gone)).not.toContain('hidden');
  });

  it('undoes what was not finished', () => {
    const broken = (): void =>
      cloud.atomically(() => {
        cloud.put(thing('a'));
        throw new RangeError('half-way');
      });
    expect(broken).toThrow('half-way');
    expect(cloud.things()).toEqual([]);
    cloud.atomically(() => cloud.put(thing('a')));
    expect(cloud.things()).toEqual([thing('a')]);
  });

  it('may be opened twice, and made again: what it holds stays, the settings are new', () => {
    cloud.put(thing('a'));
    cloud.setFaults(['create * before']);
    makeCloudFile(cloudFile(folder), { ...settings, timeScale: 0.5 });
    const other = openCloud(folder);
    expect([other.things(), other.faults(), other.settings.timeScale]).toEqual([
      [thing('a')],
      ['create * before'],
      0.5,
    ]);
    other.close();
  });

  it('counts calls since faults were set, throttled tries not', () => {
    const entry = { ...thing('a'), operation: 'create' };
    cloud.record({ ...entry, outcome: 'done' });
    expect(cloud.calls('create', 'urn:a')).toBe(1);
    cloud.setFaults(['create * before']);
    expect(cloud.calls('create', 'urn:a')).toBe(0);
    cloud.record({ ...entry, outcome: 'throttled', code: 'Throttling' });
    cloud.record({ ...entry, outcome: 'failed', code: 'X' });
    expect(cloud.calls('create', 'urn:a')).toBe(1);
    expect(cloud.ledger().map(({ seq, outcome, code }) => [seq, outcome, code])).toEqual([
      [1, 'done', undefined],
      [2, 'throttled', 'Throttling'],
      [3, 'failed', 'X'],
    ]);
  });

  it('is not opened where there is none, or where another version made it', () => {
    expect(() => openCloudFile(join(folder, 'none', 'cloud.sqlite'))).toThrow(/CUT-5313 There is no twin in/);
    const other = join(folder, 'other.sqlite');
    const database = new DatabaseSync(other);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openCloudFile(other)).toThrow('CUT-5314');
    writeFileSync(other, '');
    expect(() => openCloudFile(other)).toThrow('CUT-5314');
  });
});

describe('a change by hand', () => {
  beforeEach(() => cloud.put(thing('a', { outputs: { status: 'on', arn: 'arn:a' } })));

  it.each([
    ['tags.Owner=me', { tags: { Name: 'a', Owner: 'me' } }, {}],
    ['tags.Name', { tags: {} }, {}],
    ['size=3', { size: 3 }, {}],
    ['size="3"', { size: '3' }, {}],
    ['note=a = b', { note: 'a = b' }, {}],
    ['status=off', {}, { status: 'off' }],
  ])('%s is made, and the ledger knows', (text, inputs, outputs) => {
    edit(cloud, 'a', text);
    expect(cloud.things()[0]).toMatchObject({ inputs, outputs });
    expect(cloud.ledger().at(-1)).toMatchObject({ operation: 'edit', id: 'a' });
  });

  it('is refused for a thing that is not there, and for no property', () => {
    expect(() => edit(cloud, 'aa', 'x=1')).toThrow(/CUT-5331 The twin has no thing aa\. Did you mean a\?/);
    expect(() => edit(cloud, 'a', '=1')).toThrow('CUT-5332');
  });
});
