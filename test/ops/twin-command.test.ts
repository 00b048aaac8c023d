import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { registerTwin } from '../../ops/twin-command.ts';
import { cloudFile, makeCloudFile } from '../../ops/twin/cloud-file.ts';
import { openCloud } from '../../ops/twin/cloud.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twin-command-'));
  makeCloudFile(cloudFile(folder), { account: '111111111111', seed: 's', timeScale: 0 });
  const cloud = openCloud(folder);
  const place = { account: '111111111111', region: 'us-east-1' };
  const named = {
    ...place,
    type: 'aws:ssm/parameter:Parameter',
    id: 'p',
    urn: 'urn:pulumi:s::c::t::parameter',
  };
  const inputs = { name: 'p', value: 'hunter2', tags: { a: 'b' } };
  cloud.put({ ...named, inputs, outputs: { version: 1 }, secrets: ['value'], createdMs: 0, readyMs: 0 });
  cloud.record({ ...named, operation: 'create', outcome: 'done' });
  cloud.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What `./cutover twin …` prints. */
async function twin(...args: readonly string[]): Promise<string> {
  const program = new Command('cutover').exitOverride();
  registerTwin(program);
  let printed = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  try {
    await program.parseAsync(['twin', ...args], { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return printed;
}

it('ls lists what there is, without secrets', async () => {
  expect(await twin('ls', '--folder', folder)).toMatch(
    /aws:ssm\/parameter:Parameter +p +us-east-1 +parameter/,
  );
  const things = JSON.parse(await twin('ls', '--json', '--folder', folder)) as unknown;
  expect(things).toMatchObject([
    { id: 'p', inputs: { value: '[secret]', tags: { a: 'b' } }, outputs: { version: 1 } },
  ]);
});

it('ledger lists the calls, for people and as JSON', async () => {
  expect(await twin('ledger', '--folder', folder)).toMatch(
    /1 +\S+ +create +aws:ssm\/parameter:Parameter +p +done/,
  );
  expect(JSON.parse(await twin('ledger', '--json', '--folder', folder))).toMatchObject([
    { seq: 1, outcome: 'done' },
  ]);
});

it('edit changes a property', async () => {
  expect(await twin('edit', '--folder', folder, '--id', 'p', '--set', 'tags.a=c')).toBe(
    'p: tags.a is changed\n',
  );
  expect(await twin('ls', '--json', '--folder', folder)).toContain('"a": "c"');
});

it('fault sets rules, lists them and clears them; a rule that is not understood changes nothing', async () => {
  expect(await twin('fault', '--folder', folder)).toBe('No calls are made to fail.\n');
  const rules = ['create * #1 before', 'delete * 5% lost'];
  expect(await twin('fault', '--folder', folder, '--rule', ...rules)).toBe(`${rules.join('\n')}\n`);
  await expect(twin('fault', '--folder', folder, '--rule', 'create * never')).rejects.toThrow('CUT-5330');
  expect(await twin('fault', '--folder', folder)).toBe(`${rules.join('\n')}\n`);
  expect(await twin('fault', '--folder', folder, '--clear')).toBe('No calls are made to fail.\n');
});

it('needs to be told which twin is meant, and that there is one', async () => {
  await expect(twin('ls')).rejects.toThrow('CUT-5333');
  await expect(twin('ls', '--folder', join(folder, 'none'))).rejects.toThrow('CUT-5313');
});
