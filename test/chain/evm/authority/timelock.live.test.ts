import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveOn, withdraw } from '@cutover/chain/evm/authority/move-on.ts';
import type { MoveOnOptions } from '@cutover/chain/evm/authority/move.ts';
import type { Action } from '@cutover/chain/plan/authority/action.ts';
import type { AuthorityRef, TimelockAuthority } from '@cutover/chain/plan/authority/authority.ts';
import type { Progress } from '@cutover/chain/plan/authority/progress.ts';
import { executeData, operationId, operationOf } from '@cutover/chain/plan/authority/timelock-operation.ts';
import { startLocalNode, type LocalNode } from '../../local-node.ts';
import { refusal } from '../../refusal.ts';
import {
  address,
  fresh,
  newSetting,
  newTimelock,
  passTime,
  raiseTo,
  read,
  safeAuthority,
  safeFactory,
  send,
  setTo,
} from './kit.ts';

let node: LocalNode;
const folders: string[] = [];
beforeAll(async () => {
  node = await startLocalNode();
});
afterAll(async () => {
  await node.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function run(
  authority: AuthorityRef,
  action: Action,
  options: MoveOnOptions = {},
  lines: string[] = [],
): Promise<Progress> {
  return moveOn(await fresh(node), authority, action, (line) => lines.push(line), options);
}

const key = (account: number) => ({ kind: 'key', signer: { kind: 'local', account } }) as const;

async function setup(
  minDelay: number,
  rest: Partial<TimelockAuthority> = {},
  executors?: readonly string[],
): Promise<{ authority: TimelockAuthority; timelock: string; setting: string }> {
  const timelock = await newTimelock(node, minDelay, [address(1)], executors);
  const setting = await newSetting(node, 'Setting', [timelock]);
  const executor = { kind: 'local', account: 2 } as const;
  const authority: TimelockAuthority = {
    ...{ kind: 'timelock', address: timelock, proposer: key(1), executor },
    ...rest,
  };
  return { authority, timelock, setting };
}

const hour = 3600;

describe('a time lock', () => {
  it('schedules, waits by the clock of the chain, and executes in a later run', async () => {
    const { authority, setting } = await setup(48 * hour);
    const first = await run(authority, setTo(setting, 5));
    expect(first).toMatchObject({ kind: 'proposed', stage: 'delay' });
    const missing = first.kind === 'proposed' ? first.missing[0] : undefined;
    expect(missing?.seconds).toBeGreaterThan(48 * hour - 60);
    expect(Date.parse(missing?.readyAt ?? '')).toBeGreaterThan(Date.now() + 47 * hour * 1000);
    const second = await run(authority, setTo(setting, 5), { previous: first });
    expect(second).toMatchObject({ stage: 'delay', ids: first.ids, transactions: first.transactions });
    expect(await read(node, setting, 'value')).toBe(0);
    await passTime(node, 48 * hour);
    const third = await run(authority, setTo(setting, 5), { previous: second });
    expect(third).toMatchObject({ kind: 'done', ids: { operationId: first.ids.operationId } });
    expect(await read(node, setting, 'value')).toBe(5);
    expect(third.transactions).toHaveLength(2);
    expect(await run(authority, setTo(setting, 5), { previous: third })).toMatchObject({
      kind: 'done',
      transactionHash: third.transactions[1],
    });
    expect(await read(node, setting, 'times')).toBe(1);
  });

  it('without a delay does all of it in one run, several calls as one operation', async () => {
    const { authority, setting } = await setup(0);
    const done = await run(authority, raiseTo(setting, 150));
    expect(done).toMatchObject({ kind: 'done' });
    expect(await read(node, setting, 'value')).toBe(150);
  });

  it('finds its own earlier work when a run was killed and nothing was recorded', async () => {
    const { authority, setting } = await setup(hour);
    const first = await run(authority, setTo(setting, 6));
    const again = await run(authority, setTo(setting, 6));
    expect(again).toMatchObject({ stage: 'delay', ids: { operationId: first.ids.operationId } });
    await passTime(node, hour);
    const done = await run(authority, setTo(setting, 6));
    expect(done.kind).toBe('done');
    expect(await run(authority, setTo(setting, 6))).toMatchObject({
      kind: 'done',
      transactionHash: done.kind === 'done' ? done.transactionHash : '',
    });
    expect(await read(node, setting, 'times')).toBe(1);
  });

  it('takes what somebody else executed as done, with his transaction', async () => {
    const { authority, setting, timelock } = await setup(hour);
    const action = setTo(setting, 7);
    const first = await run(authority, action);
    await passTime(node, hour);
    const stranger = await node.provider.getSigner(7);
    const sent = await stranger.sendTransaction({
      to: timelock,
      data: executeData(operationOf(action, undefined, 0)),
    });
    await sent.wait();
    expect(await run(authority, action, { previous: first })).toMatchObject({
      kind: 'done',
      transactionHash: sent.hash,
    });
  });

  it('leaves what was cancelled alone until told otherwise', async () => {
    const { authority, setting, timelock } = await setup(hour);
    const first = await run(authority, setTo(setting, 8));
    await send(node, 1, timelock, 'cancel(bytes32 id)', [first.ids.operationId]);
    const second = await run(authority, setTo(setting, 8), { previous: first });
    expect(second).toMatchObject({ kind: 'cancelled' });
    // Also for a run that knows nothing, and for the one after it.
    expect((await run(authority, setTo(setting, 8))).kind).toBe('cancelled');
    expect((await run(authority, setTo(setting, 8), { previous: second })).kind).toBe('cancelled');
    const third = await run(authority, setTo(setting, 8), { previous: second, again: true });
    expect(third).toMatchObject({ kind: 'proposed', stage: 'delay' });
    expect(await run(authority, setTo(setting, 8), { previous: third })).toMatchObject({ stage: 'delay' });
  });

  it('cancels what is no longer wanted before it schedules what is', async () => {
    const { authority, setting, timelock } = await setup(hour);
    const first = await run(authority, setTo(setting, 9));
    const lines: string[] = [];
    const second = await run(authority, setTo(setting, 10), { previous: first }, lines);
    expect(second).toMatchObject({ kind: 'proposed', stage: 'delay' });
    expect(lines.join('\n')).toContain(
      `the operation ${first.ids.operationId} of the time lock ${timelock} is cancelled`,
    );
    // Back to what was wanted first: that we cancelled it ourselves does not count.
    const third = await run(authority, setTo(setting, 9), { previous: second });
    expect(third).toMatchObject({
      kind: 'proposed',
      stage: 'delay',
      ids: { operationId: first.ids.operationId },
    });
    await passTime(node, hour);
    expect((await run(authority, setTo(setting, 9), { previous: third })).kind).toBe('done');
    expect(await read(node, setting, 'times')).toBe(1);
  });

  it('withdraws what was scheduled when nothing is wanted any more', async () => {
    const { authority, setting } = await setup(hour);
    const first = await run(authority, setTo(setting, 9));
    const left = await withdraw(await fresh(node), authority, first, () => undefined);
    expect(left).toMatchObject({ kind: 'superseded', ids: first.ids });
    await passTime(node, hour);
    // Wanted anew after that: scheduled anew.
    expect(await run(authority, setTo(setting, 9), { previous: left })).toMatchObject({ stage: 'delay' });
  });

  it('does the same change again when it was undone since', async () => {
    const { authority, setting } = await setup(0);
    const wants = (value: number): MoveOnOptions => ({
      satisfied: async () => (await read(node, setting, 'value')) === value,
    });
    const first = await run(authority, setTo(setting, 1), wants(1));
    const second = await run(authority, setTo(setting, 2), { ...wants(2), previous: first });
    const third = await run(authority, setTo(setting, 1), { ...wants(1), previous: second });
    expect([first.kind, second.kind, third.kind]).toEqual(['done', 'done', 'done']);
    expect(third.ids.operationId).not.toBe(first.ids.operationId);
    expect(await read(node, setting, 'value')).toBe(1);
    expect(await read(node, setting, 'times')).toBe(3);
  });

  it('that did what was wanted without effect is an error, not a loop', async () => {
    const { authority, setting } = await setup(0);
    const never = { satisfied: () => Promise.resolve(false) };
    const error = await refusal(run(authority, setTo(setting, 3), never));
    expect(error.code).toBe('CUT-2264');
    expect(await read(node, setting, 'times')).toBe(1);
  });

  it('cancels its operation when the aim is reached in another way', async () => {
    const { authority, setting } = await setup(hour);
    let reached = false;
    const satisfied = (): Promise<boolean> => Promise.resolve(reached);
    const first = await run(authority, setTo(setting, 4), { satisfied });
    reached = true;
    const second = await run(authority, setTo(setting, 4), { satisfied, previous: first });
    expect(second).toMatchObject({
      kind: 'executed elsewhere',
      reason: 'what it should bring about holds already',
    });
    await passTime(node, hour);
    expect(await read(node, setting, 'value')).toBe(0);
  });

  it('waits for its predecessor', async () => {
    const { authority, setting } = await setup(0);
    // Scheduled and never done: its call fails.
    await refusal(run(authority, setTo(setting, 101)));
    const predecessor = operationId(operationOf(setTo(setting, 101), undefined, 0));
    const waiting = await run({ ...authority, predecessor }, setTo(setting, 2, 'next'));
    expect(waiting).toMatchObject({ kind: 'proposed', stage: 'predecessor' });
    expect(waiting.kind === 'proposed' && waiting.missing[0]?.what).toContain(predecessor);
  });
});

describe('the delay', () => {
  it('is longer where the configuration requires it, and both are told', async () => {
    const { authority, setting } = await setup(60, { delaySeconds: 2 * hour });
    const lines: string[] = [];
    const first = await run(authority, setTo(setting, 1), {}, lines);
    expect(first.kind === 'proposed' && first.missing[0]?.seconds).toBeGreaterThan(hour);
    expect(lines.join('\n')).toContain('demands 60 s only; this is scheduled with the 7200 s');
  });

  it('that is shorter than required is refused, before and after it is over', async () => {
    const { authority, setting } = await setup(60);
    const first = await run(authority, setTo(setting, 1));
    const strict = { ...authority, delaySeconds: 48 * hour };
    const error = await refusal(run(strict, setTo(setting, 1), { previous: first }));
    expect(error).toMatchObject({ code: 'CUT-2273', exit: 3 });
    expect(error.message).toContain(address(1));
    await passTime(node, 60);
    expect((await refusal(run(strict, setTo(setting, 1), { previous: first }))).code).toBe('CUT-2273');
    expect(await read(node, setting, 'value')).toBe(0);
  });
});

describe('roles', () => {
  it('that are lacking are told with those who have them', async () => {
    const { authority, setting } = await setup(0, {}, [address(5)]);
    const executor = await refusal(run(authority, setTo(setting, 1)));
    expect(executor).toMatchObject({ code: 'CUT-2272', exit: 3 });
    expect(executor.message).toContain(`${address(2)} may not`);
    expect(executor.message).toContain(`Those who have it: ${address(5)}.`);
    const proposer = await refusal(run({ ...authority, proposer: key(3) }, setTo(setting, 1)));
    expect(proposer.message).toContain('PROPOSER_ROLE');
    expect(proposer.message).toContain(`Those who have it: ${address(1)}.`);
  });

  it('given to the one executor let him execute', async () => {
    const { authority, setting } = await setup(0, {}, [address(2)]);
    expect((await run(authority, setTo(setting, 1))).kind).toBe('done');
  });
});

describe('what is no time lock', () => {
  it('is refused', async () => {
    const { authority, setting } = await setup(0);
    const error = await refusal(run({ ...authority, address: setting }, setTo(setting, 1)));
    expect(error).toMatchObject({ code: 'CUT-2270', exit: 2 });
  });
});

describe('a call that fails behind a time lock', () => {
  it('is told in the words of the contract that refused it', async () => {
    const { authority, setting } = await setup(0);
    const error = await refusal(run(authority, setTo(setting, 101)));
    expect(error.code).toBe('CUT-2252');
    expect(error.message).toContain(`${setting} reverted with TooHigh(101, 100)`);
  });
});

describe('a Safe in front of a time lock', () => {
  it('also cancels what is no longer wanted, when its owners agree', async () => {
    const safe = await (await safeFactory(node))([1], 1);
    const proposer = await safeAuthority(safe);
    folders.push(proposer.folder);
    const agreed = { ...proposer, signers: [{ kind: 'local', account: 1 } as const] };
    const timelock = await newTimelock(node, hour, [safe]);
    const setting = await newSetting(node, 'Setting', [timelock]);
    const authority = {
      kind: 'timelock',
      address: timelock,
      proposer,
      executor: { kind: 'local', account: 2 },
    } as const;
    const scheduled = await run({ ...authority, proposer: agreed }, setTo(setting, 1));
    expect(scheduled).toMatchObject({ stage: 'delay' });
    const cancelling = await run(authority, setTo(setting, 2), { previous: scheduled });
    expect(cancelling).toMatchObject({
      kind: 'proposed',
      stage: 'cancelling',
      ids: { operationId: scheduled.ids.operationId },
    });
    const next = await run({ ...authority, proposer: agreed }, setTo(setting, 2), { previous: cancelling });
    expect(next).toMatchObject({ kind: 'proposed', stage: 'delay' });
    expect(next.ids.operationId).not.toBe(scheduled.ids.operationId);
  });
});
