import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveProposal, statusOf } from '@cutover/chain/evm/authority/approve.ts';
import { moveOn } from '@cutover/chain/evm/authority/move-on.ts';
import { readProposals } from '@cutover/chain/evm/authority/proposals.ts';
import { describeProgress, type Progress } from '@cutover/chain/plan/authority/progress.ts';
import { startLocalNode, type LocalNode } from '../../local-node.ts';
import { fresh, newSetting, newTimelock, passTime, read, safeAuthority, safeFactory, setTo } from './kit.ts';

const twoDays = 172_800;
let node: LocalNode;
beforeAll(async () => {
  node = await startLocalNode();
});
afterAll(() => node.stop());

describe('a change through a Safe of two of three and a time lock of 48 hours', () => {
  // Recorded: each run is given what the one before returned, out of a state file. Forgotten: each was killed before
  // that was written, and the next has only the chain and the files.
  it.each(['recorded', 'forgotten'] as const)(
    'comes to its end over five runs, progress %s',
    async (mode) => {
      const safe = await (await safeFactory(node))([1, 2, 3], 2);
      const proposer = await safeAuthority(safe);
      const timelock = await newTimelock(node, twoDays, [safe]);
      const setting = await newSetting(node, 'Setting', [timelock]);
      let state: string | undefined;
      const run = async (): Promise<Progress> => {
        const previous = state === undefined ? undefined : (JSON.parse(state) as Progress);
        const executor = { kind: 'local', account: 5 } as const;
        const delaySeconds = twoDays;
        const authority = { kind: 'timelock', address: timelock, proposer, executor, delaySeconds } as const;
        const reached = await moveOn(await fresh(node), authority, setTo(setting, 42), () => undefined, {
          previous,
        });
        if (mode === 'recorded') state = JSON.stringify(reached);
        return reached;
      };
      const approve = async (account: number): Promise<number> => {
        const rpc = await fresh(node);
        const [proposal] = (await readProposals(proposer.folder)).proposals;
        if (proposal === undefined) throw new Error('nothing waits');
        const status = await statusOf(rpc, proposal);
        expect(status.words.join('\n')).toContain(`  ${setting}: set(value_: 42)`);
        return (await approveProposal(rpc, status, { kind: 'local', account })).missing;
      };

      const proposed = await run();
      expect(proposed).toMatchObject({ kind: 'proposed', stage: 'scheduling' });
      expect(proposed.ids).toMatchObject({ safeNonce: 0, operationId: expect.any(String) as string });
      expect(describeProgress(proposed)).toContain('2 of 2 approvals');
      expect(describeProgress(proposed)).toContain(`then ${twoDays} s of its delay`);

      expect(await approve(3)).toBe(1);
      const half = await run();
      expect(half).toMatchObject({ stage: 'scheduling', ids: proposed.ids });
      expect(describeProgress(half)).toContain('1 of 2 approvals');

      expect(await approve(1)).toBe(0);
      const scheduled = await run();
      expect(scheduled).toMatchObject({ kind: 'proposed', stage: 'delay' });
      expect(scheduled.ids.operationId).toBe(proposed.ids.operationId);

      await passTime(node, twoDays - 60);
      expect(await run()).toMatchObject({ kind: 'proposed', stage: 'delay' });
      expect(await read(node, setting, 'value')).toBe(0);

      await passTime(node, 61);
      const done = await run();
      expect(done.kind).toBe('done');
      expect(await read(node, setting, 'value')).toBe(42);
      const receipt = await node.provider.getTransactionReceipt(done.transactions.at(-1) ?? '');
      expect(receipt).toMatchObject({ hash: done.kind === 'done' ? done.transactionHash : '', status: 1 });

      expect((await run()).kind).toBe('done');
      expect(await read(node, setting, 'times')).toBe(1);
      await rm(proposer.folder, { recursive: true, force: true });
    },
  );
});
