import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveOn } from '@cutover/chain/evm/authority/move-on.ts';
import type { KeyAuthority } from '@cutover/chain/plan/authority/authority.ts';
import { startLocalNode, type LocalNode } from '../../local-node.ts';
import { networkOf } from '../../kit.ts';
import { refusal } from '../../refusal.ts';
import { address, fresh, newSetting, raiseTo, read, setTo } from './kit.ts';

let node: LocalNode;
let setting: string;
beforeAll(async () => {
  node = await startLocalNode();
  setting = await newSetting(node, 'Setting', [address(1)]);
});
afterAll(() => node.stop());

const key = (account: number): KeyAuthority => ({ kind: 'key', signer: { kind: 'local', account } });
const quiet = (): void => undefined;

describe('a key', () => {
  it('does it at once', async () => {
    const done = await moveOn(await fresh(node), key(1), setTo(setting, 5), quiet);
    expect(done).toMatchObject({ kind: 'done', transactions: [expect.stringMatching(/^0x/)] });
    expect(await read(node, setting, 'value')).toBe(5);
  });

  it('does several calls one after the other', async () => {
    const done = await moveOn(await fresh(node), key(1), raiseTo(setting, 150), quiet);
    expect(done.transactions).toHaveLength(2);
    expect(await read(node, setting, 'value')).toBe(150);
  });

  it('sends nothing when what is wanted holds already', async () => {
    const before = await read(node, setting, 'times');
    const options = { satisfied: () => Promise.resolve(true) };
    const found = await moveOn(await fresh(node), key(1), setTo(setting, 150), quiet, options);
    expect(found.kind).toBe('executed elsewhere');
    expect(await read(node, setting, 'times')).toBe(before);
  });

  it('that may not is refused with who may: the owner, or the holders of a role', async () => {
    const owner = await refusal(moveOn(await fresh(node), key(2), setTo(setting, 6), quiet));
    expect(owner).toMatchObject({ code: 'CUT-2252', exit: 3 });
    expect(owner.message).toContain(`OwnableUnauthorizedAccount(${address(2)})`);
    expect(owner.message).toContain(`The owner of ${setting} is ${address(1)}`);
    const guarded = await newSetting(node, 'RoleSetting', [address(3), address(4)]);
    const role = await refusal(moveOn(await fresh(node), key(2), setTo(guarded, 6), quiet));
    expect(role.message).toContain(`It needs the role OPERATOR_ROLE, held by ${address(4)}`);
  });

  it('sends nothing that would fail, and says why in the words of the contract', async () => {
    const block = await node.provider.getBlockNumber();
    const error = await refusal(moveOn(await fresh(node), key(1), setTo(setting, 1000), quiet));
    expect(error.message).toContain('TooHigh(1000, 150)');
    expect(await node.provider.getBlockNumber()).toBe(block);
  });

  it('that everybody knows is refused on public chains, wherever in an authority it is named', async () => {
    const other = await startLocalNode({ chainId: 84532 });
    try {
      const { connect } = await import('@cutover/chain/evm/rpc.ts');
      const rpc = await connect(networkOf(other));
      const signer = { kind: 'env', name: 'NOT_READ' } as const;
      const safe = {
        kind: 'safe',
        address: setting,
        gas: signer,
        signers: [{ kind: 'local', account: 0 }],
      } as const;
      const authority = { kind: 'timelock', address: setting, proposer: safe, executor: signer } as const;
      expect((await refusal(moveOn(rpc, authority, setTo(setting, 1), quiet))).code).toBe('CUT-2040');
    } finally {
      await other.stop();
    }
  });
});
