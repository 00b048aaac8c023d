import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openAccount } from '@cutover/chain/evm/account.ts';
import { moveOn } from '@cutover/chain/evm/authority/move-on.ts';
import type { SafeAuthority } from '@cutover/chain/plan/authority/authority.ts';
import type { Progress } from '@cutover/chain/plan/authority/progress.ts';
import { startLocalNode, type LocalNode } from '../../local-node.ts';
import { FakeSafeService } from './fake-safe-service.ts';
import { address, fresh, hashOf, newSetting, read, safeAuthority, safeFactory, setTo } from './kit.ts';

let node: LocalNode;
let newSafe: Awaited<ReturnType<typeof safeFactory>>;
const service = new FakeSafeService([1, 2, 3].map(address));
const folders: string[] = [];
beforeAll(async () => {
  node = await startLocalNode();
  newSafe = await safeFactory(node);
  await service.start();
});
afterAll(async () => {
  service.stop();
  await node.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});
afterEach(() => {
  service.down = false;
  expect(service.refused.splice(0)).toEqual([]);
});

async function setup(
  rest: Partial<SafeAuthority> = {},
): Promise<{ authority: SafeAuthority; setting: string }> {
  const safe = await newSafe([1, 2, 3], 2);
  const authority = await safeAuthority(safe, { service: service.url, ...rest });
  folders.push(authority.folder);
  return { authority, setting: await newSetting(node, 'Setting', [safe]) };
}

const signatureOf = async (account: number, hash: string): Promise<string> =>
  (await openAccount({ kind: 'local', account }, { chainId: 31337 })).signDigest(hash);

describe('a Safe transaction service, at FakeSafeService', () => {
  it('is proposed to with the signature of an owner, and gives the signatures of others', async () => {
    const { authority, setting } = await setup({ signers: [{ kind: 'local', account: 2 }] });
    const lines: string[] = [];
    const run = async (previous?: Progress): Promise<Progress> =>
      moveOn(await fresh(node), authority, setTo(setting, 3), (line) => lines.push(line), { previous });
    const first = await run();
    expect(first).toMatchObject({ kind: 'proposed', missing: [{ what: '1 of 2 approvals' }] });
    expect(service.kept.get(hashOf(first))?.confirmations).toMatchObject([{ owner: address(2) }]);
    service.confirm(hashOf(first), address(1), await signatureOf(1, hashOf(first)));
    expect((await run(first)).kind).toBe('done');
    expect(await read(node, setting, 'value')).toBe(3);
    expect(lines.join('\n')).not.toContain('does not count');
  });

  it('is believed no signature that is not an owner’s', async () => {
    const { authority, setting } = await setup({ signers: [{ kind: 'local', account: 2 }] });
    const first = await moveOn(await fresh(node), authority, setTo(setting, 4), () => undefined);
    service.confirm(hashOf(first), address(1), await signatureOf(7, hashOf(first)));
    const lines: string[] = [];
    const second = await moveOn(await fresh(node), authority, setTo(setting, 4), (line) => lines.push(line));
    expect(second).toMatchObject({ kind: 'proposed', missing: [{ what: '1 of 2 approvals' }] });
    expect(lines.join('\n')).toContain(
      `does not count: ${new URL(service.url).origin}: ${address(7)} is no owner`,
    );
  });

  it('learns of a proposal when the first owner has signed it, and of no key but where it is sent', async () => {
    process.env['TEST_SERVICE_KEY'] = 'a-key-of-the-service';
    const { authority, setting } = await setup({ serviceKey: { kind: 'env', name: 'TEST_SERVICE_KEY' } });
    const lines: string[] = [];
    const first = await moveOn(await fresh(node), authority, setTo(setting, 5), (line) => lines.push(line));
    expect(service.kept.has(hashOf(first))).toBe(false);
    expect(lines.join('\n')).toContain('when the first owner has signed it');
    expect(service.authorizations.at(-1)).toBe('Bearer a-key-of-the-service');
    expect(`${lines.join('\n')}${JSON.stringify(first)}`).not.toContain('a-key-of-the-service');
    delete process.env['TEST_SERVICE_KEY'];
  });

  it('shows what others have put into the queue of the Safe: we stand behind it', async () => {
    const { authority, setting } = await setup();
    const safeTxHash = `0x${'ab'.repeat(32)}`;
    service.kept.set(safeTxHash, { safe: authority.address, safeTxHash, nonce: 0, confirmations: [] });
    const first = await moveOn(await fresh(node), authority, setTo(setting, 6), () => undefined);
    expect(first.ids.safeNonce).toBe(1);
  });

  it('that is down holds nothing up', async () => {
    service.down = true;
    const signers = [1, 2].map((account) => ({ kind: 'local', account }) as const);
    const { authority, setting } = await setup({ signers });
    const lines: string[] = [];
    const done = await moveOn(await fresh(node), authority, setTo(setting, 7), (line) => lines.push(line));
    expect(done.kind).toBe('done');
    expect(lines.join('\n')).toContain('did not take part: it answered 502');
    service.refused.length = 0;
  });
});
