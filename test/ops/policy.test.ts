import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packConfig, policiesFor, policyPack, preparePolicies } from '../../ops/policy.ts';
import { noteRefusal, noteVariable } from '../../policy/note.ts';

const folder = mkdtempSync(join(tmpdir(), 'policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

const exception = { policy: 'pinned-images', resource: 'api', reason: 'no digests yet', until: '2027-03-31' };

describe('a run of the CLI', () => {
  it('asks the pack, and tells it what may break which policy', async () => {
    const { args } = await preparePolicies({ environment: 'prod', policyExceptions: [exception] }, folder);
    expect(args.slice(0, 3)).toEqual(['--policy-pack', policyPack, '--policy-pack-config']);
    expect(JSON.parse(readFileSync(args[3] ?? '', 'utf8'))).toEqual({
      'pinned-images': { exceptions: [exception] },
      'exceptions-in-force': { exceptions: [exception] },
    });
  });

  it('forgets exceptions that are gone', async () => {
    const { args } = await preparePolicies({ environment: 'staging' }, folder);
    expect(readFileSync(args[3] ?? '', 'utf8')).not.toContain('pinned-images');
  });

  it('ends with 3 when the pack refused, and as the CLI did when it did not', async () => {
    const { env, exitOf } = await preparePolicies({ environment: 'prod' }, folder);
    expect(await exitOf(1)).toBe(1);
    process.env[noteVariable] = env[noteVariable];
    noteRefusal('pinned-images');
    Reflect.deleteProperty(process.env, noteVariable);
    expect(await exitOf(1)).toBe(3);
    expect(readdirSync(folder)).toEqual(['policy.json']);
    writeFileSync(env[noteVariable] ?? '', 'pinned-images\n');
    expect(await exitOf(0)).toBe(0);
    expect(await exitOf(1)).toBe(1);
  });

  it('is not refused for what an earlier one left', async () => {
    const before = await preparePolicies({ environment: 'prod' }, folder);
    writeFileSync(before.env[noteVariable] ?? '', 'pinned-images\n');
    const { exitOf } = await preparePolicies({ environment: 'prod' }, folder);
    expect(await exitOf(1)).toBe(1);
  });

  it('asks nothing on dev, of other commands, and for help', async () => {
    expect((await preparePolicies({ environment: 'dev' }, folder)).args).toEqual([]);
    for (const line of ['up', 'up -s dev', 'stack ls -s prod', 'destroy -s staging', 'up -s prod --help'])
      expect([line, (await policiesFor(line.split(' '))).args]).toEqual([line, []]);
  });

  it('refuses an exception from a policy that there is not', async () => {
    const policyExceptions = [{ ...exception, policy: 'pinned-image' }];
    await expect(preparePolicies({ environment: 'prod', policyExceptions }, folder)).rejects.toThrow(
      /CUT-5461 .*pinned-image, .*\n.*Did you mean pinned-images\?/,
    );
  });
});

it('has one list of exceptions for each policy', () => {
  const another = { ...exception, resource: 'page' };
  expect(packConfig([exception, another])['pinned-images']?.exceptions).toEqual([exception, another]);
});
