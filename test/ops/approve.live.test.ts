import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { approve } from '../../ops/approve.ts';
import type { Terminal } from '../../ops/terminal.ts';
import { moveOn } from '@cutover/chain/evm/authority/move-on.ts';
import { projectRoot, toRoot } from '@cutover/base/project.ts';
import { spawnSync } from 'node:child_process';
import { startLocalNode, type LocalNode } from '../chain/local-node.ts';
import { refusal } from '../chain/refusal.ts';
import {
  address,
  fresh,
  hashOf,
  newSetting,
  read,
  safeAuthority,
  safeFactory,
  setTo,
} from '../chain/evm/authority/kit.ts';

let node: LocalNode;
let newSafe: Awaited<ReturnType<typeof safeFactory>>;
const folders: string[] = [];
beforeAll(async () => {
  node = await startLocalNode();
  newSafe = await safeFactory(node);
});
afterAll(async () => {
  await node.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const signers = {
  first: { kind: 'local', account: 1 },
  second: { kind: 'local', account: 2 },
  stranger: { kind: 'local', account: 7 },
  parameter: { kind: 'ssm', name: '/gemforce/staging/chain/key' },
} as const;

function config(url = node.url): Parameters<typeof approve>[1] {
  const gwei = { low: 1, medium: 1, high: 1, urgent: 1 };
  const fees = { fallbackGwei: gwei, ceilingGwei: 100 };
  const endpoints = [{ url, weight: 1 }];
  const chain = { chainId: 31337, blockSeconds: 0, confirmations: 1, explorers: [] };
  return { networks: { local: { kind: 'evm', ...chain, fees, endpoints } }, signers };
}

let said = '';

async function run(
  options: Partial<Parameters<typeof approve>[2]>,
  from = config(),
): Promise<{ readonly code: number }> {
  const lines: string[] = [];
  const terminal: Terminal = {
    ...{ interactive: false, columns: 100, style: (_, text) => text, progress: () => undefined },
    line: (text = '') => lines.push(text),
  };
  const written = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    return { code: await approve('dev', from, { yes: true, json: false, ...options }, terminal) };
  } finally {
    written.mockRestore();
    said = lines.join('\n');
  }
}

/** A proposal of a Safe of two owners that waits. */
async function waiting(
  value: number,
): Promise<{ folder: string; hash: string; setting: string; next: () => Promise<string> }> {
  const safe = await newSafe([1, 2], 2);
  const authority = await safeAuthority(safe);
  folders.push(authority.folder);
  const setting = await newSetting(node, 'Setting', [safe]);
  const next = async (): Promise<string> =>
    (await moveOn(await fresh(node), authority, setTo(setting, value), () => undefined)).kind;
  const first = await moveOn(await fresh(node), authority, setTo(setting, value), () => undefined);
  return { folder: authority.folder, hash: hashOf(first), setting, next };
}

describe('./cutover approve', () => {
  it('shows what waits in words, and takes approvals until the next update can execute', async () => {
    const { folder, hash, setting, next } = await waiting(3);
    expect((await run({ folder })).code).toBe(0);
    expect(said).toContain(hash);
    expect(said).toContain(`${setting}: set(value_: 3)`);
    expect(said).toContain('0 of 2: nobody yet');
    expect(said).toContain(`may approve      ${address(1)}, ${address(2)}`);

    expect((await run({ folder, signer: 'second' })).code).toBe(0);
    expect(said).toContain(`Approved as ${address(2)}`);
    expect(said).toContain('1 more of its owners must approve.');
    expect(await next()).toBe('proposed');
    expect((await run({ folder, hash, signer: 'first' })).code).toBe(0);
    expect(said).toContain('the next update executes it');
    expect(await next()).toBe('done');
    expect(await read(node, setting, 'value')).toBe(3);

    await run({ folder });
    expect(said).toBe('Nothing of dev waits for approval.');
    await run({ folder, hash });
    expect(said).toMatch(/Nothing of dev waits[^]*It is over: nonce 0 of the Safe is used: it was executed/);
    const late = await refusal(run({ folder, hash, signer: 'first' }));
    expect(late).toMatchObject({ code: 'CUT-2283', exit: 3 });
  });

  it('prints the same as JSON', async () => {
    const { folder, hash } = await waiting(4);
    await run({ folder, json: true });
    expect(JSON.parse(said)).toMatchObject({
      stack: 'dev',
      proposals: [
        { safeTxHash: hash, threshold: 2, signed: [], waitsFor: [address(1), address(2)], seen: true },
      ],
    });
    await run({ folder, json: true, signer: 'first' });
    expect(JSON.parse(said)).toMatchObject({ safeTxHash: hash, owner: address(1), missing: 1 });
  });

  it('refuses a signer who is no owner, or whom this machine cannot be', async () => {
    const { folder } = await waiting(5);
    const stranger = await refusal(run({ folder, signer: 'stranger' }));
    expect(stranger).toMatchObject({ code: 'CUT-2282', exit: 3 });
    expect(stranger.message).toContain(`Its owners are: ${address(1)}, ${address(2)}`);
    for (const signer of ['parameter', 'nobody', 'constructor']) {
      expect(await refusal(run({ folder, signer }))).toMatchObject({ code: 'CUT-2286', exit: 2 });
    }
  });

  it('refuses a file that was tampered with, and shows nothing of it', async () => {
    const { folder, hash } = await waiting(6);
    const file = join(folder, 'proposals', `${hash}.json`);
    const proposal = JSON.parse(await readFile(file, 'utf8')) as { transaction: object };
    const transaction = { ...proposal.transaction, to: address(9) };
    await writeFile(file, JSON.stringify({ ...proposal, transaction }));
    for (const options of [{ folder }, { folder, signer: 'first' }]) {
      const error = await refusal(run(options));
      expect(error).toMatchObject({ code: 'CUT-2281', exit: 3 });
      expect(error.message).toContain(toRoot(file));
    }
    expect(said).toBe('');
  });

  it('wants to be told which one when several wait, and says when there is none', async () => {
    const one = await waiting(7);
    const other = await waiting(8);
    const name = `${other.hash}.json`;
    const text = await readFile(join(other.folder, 'proposals', name), 'utf8');
    await writeFile(join(one.folder, 'proposals', name), text);
    const { folder } = one;
    expect(await refusal(run({ folder, signer: 'first' }))).toMatchObject({ code: 'CUT-2284', exit: 2 });
    expect((await run({ folder, signer: 'first', hash: one.hash })).code).toBe(0);
    const none = await refusal(run({ folder, signer: 'first', hash: `0x${'00'.repeat(32)}` }));
    expect(none).toMatchObject({ code: 'CUT-2280', exit: 2 });
    expect(none.message).toContain(other.hash);
  });

  it('does not take a mistyped hash for one that waits no longer', async () => {
    const { folder, hash } = await waiting(9);
    const mistyped = await refusal(run({ folder, hash: `${hash.slice(0, -1)}` }));
    expect(mistyped).toMatchObject({ code: 'CUT-2280', exit: 2 });
    expect(mistyped.message).toContain(`there wait: ${hash}`);
    expect(said).toBe('');
  });

  it('asks before it signs, and refuses where nobody can be asked', async () => {
    const { folder } = await waiting(9);
    const error = await refusal(run({ folder, signer: 'first', yes: false }));
    expect(error).toMatchObject({ code: 'CUT-2285', exit: 2 });
  });

  it('shows what waits as it was last seen where the chain does not answer, and signs nothing then', async () => {
    const { folder, hash } = await waiting(10);
    const away = config('http://127.0.0.1:1');
    await run({ folder }, away);
    expect(said).toContain(hash);
    expect(said).toContain('this is how it was last seen');
    expect((await refusal(run({ folder, signer: 'first' }, away))).code).toBe('CUT-2030');
  });

  it('is a command of ./cutover', () => {
    const main = join(projectRoot, 'ops', 'main.ts');
    const cutover = (...args: string[]) =>
      spawnSync(process.execPath, [main, 'approve', ...args], { cwd: projectRoot, encoding: 'utf8' });
    const unknown = cutover('nowhere');
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('CUT-1001')]);
    expect(cutover('dev', '--folder', '/nonexistent').stdout).toBe('Nothing of dev waits for approval.\n');
    expect(cutover('--help').stdout).toContain('--hash <safeTxHash>');
  });
});
