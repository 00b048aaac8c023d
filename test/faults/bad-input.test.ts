import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done, makeClone, type Clone } from '../engine/clone.ts';
import { statusOf } from '../engine/inspect.ts';

let clone: Clone;
beforeAll(async () => {
  clone = await makeClone('input');
});
afterAll(() => clone.remove());

const stackFile = (): string => join(clone.folder, 'Pulumi.dev.yaml');

describe('a stack file with five errors', () => {
  it('is refused with all of them at once, before anything is touched', async () => {
    const right = readFileSync(stackFile(), 'utf8');
    const wrong = right
      .replace('cutover:environment: dev', 'cutover:environment: deff')
      .replace('evm: 8545', 'evm: 85')
      .replace('chainId: 31337', 'chainId: 31337.5')
      .replace('timeoutSeconds: 60', 'timeoutSecs: 60')
      .replace('escrow-arbiter: { kind: local, account: 3 }', 'escrow-arbiter: { kind: local, account: 33 }');
    writeFileSync(stackFile(), wrong);
    const up = await clone.run(['up']);
    writeFileSync(stackFile(), right);
    expect(up.exit).toBe(2);
    for (const key of [
      'cutover:environment',
      'cutover:local.ports.evm',
      'cutover:networks.local.chainId',
      'timeoutSecs',
      'cutover:signers.escrow-arbiter.account',
    ]) {
      expect(up.stderr).toContain(key);
    }
    expect(up.stderr).toContain('timeoutSeconds');
    expect(existsSync(join(clone.folder, '.cutover', 'state'))).toBe(false);
    expect(existsSync(join(clone.folder, '.cutover', 'dev', 'processes'))).toBe(false);
  });
});

describe('wrong use', () => {
  it.each([
    [['upp'], /Did you mean up/],
    [['up', 'prod'], /Allowed choices are dev; .*\.\/cutover pulumi up -s/],
    [['up', '--fast'], /unknown option '--fast'/],
    [['config', 'production'], /dev, prod, staging|dev, staging, prod|dev, staging and prod/],
    [['test', 'everything'], /unit, chain, engine, faults, bench/],
  ] as const)('%j ends with 2 and says what would be right', async (args, said) => {
    const { exit, stderr } = await clone.run(args);
    expect(exit).toBe(2);
    expect(stderr).toMatch(said);
  });

  it('a prod without a system that can be described is refused by the program, untouched', async () => {
    const env = {
      PULUMI_BACKEND_URL: `file://${encodeURI(join(clone.folder, '.cutover', 'elsewhere'))}?create_dir=true`,
      PULUMI_CONFIG_PASSPHRASE: 'test',
    };
    const stack = join(clone.folder, 'Pulumi.prod.yaml');
    const before = readFileSync(stack, 'utf8');
    done(await clone.run(['pulumi', 'stack', 'select', '--create', 'prod'], { env }));
    writeFileSync(stack, before.replaceAll('enabled: true', 'enabled: false'));
    const preview = await clone.run(['pulumi', 'preview', '-s', 'prod', '--non-interactive'], { env });
    writeFileSync(stack, before);
    expect(preview.exit).not.toBe(0);
    expect(preview.stdout + preview.stderr).toContain('CUT-5106');
    expect(preview.stdout).not.toContain('dynamic/cutover');
  });
});

describe('a migration that fails half-way', () => {
  it('stops the update with file and statement; the database and what was live stay as they were', async () => {
    done(await clone.run(['up']));
    const before = await statusOf(clone);
    const file = join(clone.folder, 'migrations', 'godark', '0007_broken.sql');
    writeFileSync(
      file,
      '-- Up Migration\nCREATE TABLE half (id int);\nINSERT INTO no_such_table VALUES (1);\n-- Down Migration\nDROP TABLE half;\n',
    );
    const up = await clone.run(['up']);
    rmSync(file);
    expect(up.exit).toBe(1);
    expect(up.stdout).toContain('0007_broken');
    expect(up.stdout).toContain('no_such_table');
    expect(up.stdout).toContain('What was live stays live.');
    const after = await statusOf(clone);
    expect(after.healthy).toBe(true);
    expect(after.processes.map(({ name, pid }) => [name, pid])).toEqual(
      before.processes.map(({ name, pid }) => [name, pid]),
    );
    const next = done(await clone.run(['up']));
    expect(next.stdout).not.toContain('CUT-');
  });
});

describe('a gate that does not pass', () => {
  it('stops the update with tier, check and last answer, and ends with 3', async () => {
    const right = readFileSync(stackFile(), 'utf8');
    const beacon = join(clone.folder, 'services', 'beacon', 'reports.ts');
    const source = readFileSync(beacon, 'utf8');
    writeFileSync(stackFile(), right.replace('timeoutSeconds: 60', 'timeoutSeconds: 6'));
    writeFileSync(beacon, source.replaceAll("'HEALTHY'", "'POORLY'"));
    const up = await clone.run(['up']);
    writeFileSync(beacon, source);
    writeFileSync(stackFile(), right);
    expect(up.exit).toBe(3);
    expect(up.stdout).toContain('CUT-4200');
    expect(up.stdout).toContain('backend');
    expect(up.stdout).toContain('/health');
    expect(up.stdout).toContain('POORLY');
    done(await clone.run(['up']));
    expect((await statusOf(clone)).healthy).toBe(true);
  });
});
