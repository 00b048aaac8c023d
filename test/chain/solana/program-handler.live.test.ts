import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { programDataAddress } from '@cutover/chain/plan/solana/address.ts';
import { findBuffers } from '@cutover/chain/solana/loader-close.ts';
import { handler } from '@cutover/chain/solana/program-handler.ts';
import { created } from '../handler-kit.ts';
import { refusal } from '../refusal.ts';
import {
  deployerAddress,
  otherAddress,
  startResourceBench,
  terminalOf,
  type ResourceBench,
} from './resource-kit.ts';

let bench: ResourceBench;
beforeAll(async () => {
  bench = await startResourceBench();
});
afterAll(() => bench.stop());

describe('a program as a resource', () => {
  it('is deployed, is the same when looked at again, and is upgraded at once where its build is another', async () => {
    const first = await bench.prepare('perps/perps-1.so', 20);
    const inputs = bench.inputs(first);
    const program = await created(handler, inputs);
    expect(program.state).toMatchObject({
      runs: first.hash,
      heldBy: deployerAddress,
      space: first.size,
      drift: [],
    });
    expect(program.state.transactions.length).toBeGreaterThan(0);
    expect(await program.diff(inputs)).toBe(false);
    expect((await program.read())?.drift).toEqual([]);

    const second = await bench.rebuild(first, 'perps/perps-2.so');
    expect(second.size).toBeGreaterThan(first.size);
    const words = await terminalOf(() => program.diff(bench.inputs(second)));
    expect(words).toContain(`from ${first.hash} to ${second.hash}`);
    expect(words).toMatch(/extend .* by/);
    expect(words).toContain('SOL are needed on the way');
    const after = await program.update(bench.inputs(second));
    expect(after).toMatchObject({ runs: second.hash, drift: [] });
    expect(after.slot).toBeGreaterThan(program.state.slot - 1);
    expect(await program.diff(bench.inputs(second))).toBe(false);
    expect(await findBuffers(bench.pool, deployerAddress)).toEqual([]);
  });

  it('takes what is there already as its own, and sends nothing for it', async () => {
    const prepared = await bench.prepare('timelock/timelock.so', 21);
    await created(handler, bench.inputs(prepared));
    const before = await bench.balance();
    const again = await created(handler, bench.inputs(prepared));
    expect(again.state).toMatchObject({ runs: prepared.hash, transactions: [] });
    expect(await bench.balance()).toBe(before);
  });

  it('says that its authority was changed behind its back, as often as it is looked at, and refuses to go on', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 22);
    const program = await created(handler, bench.inputs(prepared));
    await bench.handAway(prepared.program, otherAddress);
    const { code, message } = await refusal(program.diff(bench.inputs(prepared)));
    expect(code).toBe('CUT-2415');
    expect(message).toContain(otherAddress);
    const sentence = `its authority is ${otherAddress}; it was left with ${deployerAddress}`;
    expect((await program.read())?.drift).toEqual([sentence]);
    expect((await program.read())?.drift).toEqual([sentence]);
    // A refresh asks for a diff too, and has to end: the next one is refused again.
    expect(await terminalOf(() => program.diff(bench.inputs(prepared)))).toContain(
      'an update will be refused:',
    );
    expect((await refusal(program.diff(bench.inputs(prepared)))).code).toBe('CUT-2415');
    expect((await refusal(program.update(bench.inputs(prepared)))).code).toBe('CUT-2415');
  });

  it('is mended where somebody with its key has put other code there', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 23);
    const program = await created(handler, bench.inputs(prepared));
    const other = await bench.rebuild(prepared, 'perps/perps-2.so');
    await created(handler, bench.inputs(other));
    const mine = await bench.rebuild(prepared, 'perps/perps-1.so');
    expect((await program.read())?.drift).toEqual([
      expect.stringContaining(`it runs ${other.hash} since slot`),
    ]);
    expect(await program.diff(bench.inputs(mine))).toBe(true);
    expect(await program.update(bench.inputs(mine))).toMatchObject({ runs: mine.hash, drift: [] });
    expect(await program.diff(bench.inputs(mine))).toBe(false);
  });

  it('is gone for the engine when the cluster lost it', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 24);
    const program = await created(handler, bench.inputs(prepared));
    const nothing = { lamports: 0n, data: new Uint8Array(), owner: '11111111111111111111111111111111' };
    for (const address of [prepared.program, programDataAddress(prepared.program)]) {
      await bench.node.setAccount(address, nothing);
    }
    expect(await program.read()).toBeUndefined();
  });

  it('stays when it is deleted, unless it was said that it may be closed', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 25);
    const kept = await created(handler, bench.inputs(prepared));
    expect(await terminalOf(() => kept.delete())).toContain('forgotten: program 25 stays');
    expect((await kept.read())?.runs).toBe(prepared.hash);

    const closing = await created(handler, bench.inputs(prepared, { close: 'allowed' }));
    const before = await bench.balance();
    const words = await terminalOf(() => closing.delete());
    expect(words).toMatch(/closed: program 25 at .*; [\d.]+ SOL came back to .* never be used again/);
    expect(await bench.balance()).toBeGreaterThan(before);
    const { code } = await refusal(created(handler, bench.inputs(prepared)));
    expect(code).toBe('CUT-2413');
  });

  it('is left with the key that deploys it until somebody else hands it over', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 26);
    const governed = bench.inputs(prepared, {
      handOver: 'later',
      authority: { kind: 'key', signer: { kind: 'local', account: 7 } },
    });
    const program = await created(handler, governed);
    expect(program.state.heldBy).toBe(deployerAddress);
    expect(await program.diff(governed)).toBe(false);
    await bench.handAway(prepared.program, otherAddress);
    expect(await program.diff(governed)).toBe(false);
    expect((await program.read())?.drift).toEqual([]);
    expect(program.state.heldBy).toBe(otherAddress);
  });
});

describe('a program that must not be deployed', () => {
  it('is refused before anything is sent where its build changed after it was prepared', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 30);
    bench.overwrite(prepared, new Uint8Array(100));
    const before = await bench.balance();
    expect((await refusal(created(handler, bench.inputs(prepared)))).code).toBe('CUT-2524');
    expect(await bench.balance()).toBe(before);
  });

  it('is refused where its address is taken, or the cluster is another', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 31);
    await bench.node.fund(prepared.program, 5_000_000n);
    expect((await refusal(created(handler, bench.inputs(prepared)))).code).toBe('CUT-2412');
    const elsewhere = { ...bench.node.network, genesisHash: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d' };
    const { code } = await refusal(created(handler, bench.inputs(prepared, { network: elsewhere })));
    expect(code).toBe('CUT-2441');
  });

  it('is refused before anything is sent where the multisig that is to have it in the end is not there', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 33);
    const governed = bench.inputs(prepared, {
      handOver: 'later',
      authority: {
        ...{ kind: 'squads', multisig: 'CounciLofGoDarkProd1111111111111111111111111' },
        ...{ proposer: { kind: 'local', account: 0 }, delaySeconds: 172_800 },
      },
    });
    const before = await bench.balance();
    const { code, message } = await refusal(created(handler, governed));
    expect(code).toBe('CUT-2490');
    expect(message).toContain('CounciLofGoDarkProd1111111111111111111111111');
    expect(await bench.balance()).toBe(before);
  });

  it('is refused with amount and address where SOL is missing', async () => {
    const prepared = await bench.prepare('perps/perps-1.so', 32);
    const poor = bench.inputs(prepared, {
      signer: { kind: 'local', account: 9 },
      authority: { kind: 'key', signer: { kind: 'local', account: 9 } },
    });
    const { code, message } = await refusal(handler.create(poor));
    expect(code).toBe('CUT-2411');
    expect(message).toMatch(/has 0 SOL and needs 0\.\d+ SOL/);
  });
});
