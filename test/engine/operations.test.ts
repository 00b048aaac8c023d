import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Interface } from 'ethers/abi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedOperation } from '../../ops/operations-log.ts';
import type { PauseReport } from '../../ops/pause-report.ts';
import type { VerifyReport } from '../../ops/verify.ts';
import { done, makeClone, type Clone } from './clone.ts';
import { processesOf, statusOf } from './inspect.ts';

// One stack with the two systems that are operated here; the tests build on each other.
let clone: Clone;
let diamond: string;
let escrow: string;
beforeAll(async () => {
  clone = await makeClone('operations');
  clone.without('godark', 'sop138', 'coinestate');
  done(await clone.run(['up']));
  const { systems } = await statusOf(clone);
  diamond = systems['gemforce']?.contracts[0]?.address ?? '';
  escrow = systems['metaAggregator']?.contracts[0]?.address ?? '';
});
afterAll(() => clone.remove());

/** Pauses, and can do nothing else: another account than the owner's. */
const pauser = 4;
/** The first that is minted. */
const token = 0n;
const stackFile = (): string => join(clone.folder, 'Pulumi.dev.yaml');
const file = (): string => readFileSync(stackFile(), 'utf8');
const operations = (): RecordedOperation[] =>
  readFileSync(join(clone.folder, '.cutover', 'dev', 'operations.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedOperation);

const functions = new Interface([
  'function gemforceMint((string key, uint8 attributeType, string value)[] metadata)',
  'function listItem(uint256 tokenId, uint256 price)',
  'function purchaseItem(address token, uint256 tokenId) payable',
  'function ownerOf(uint256 tokenId) view returns (address)',
  'function feeBps() view returns (uint256)',
  'function feeOf(uint256 price) view returns (uint256)',
  'function quote(uint256 tokenId) view returns (uint256 price, uint256 fee, uint256 royalty, uint256 proceeds)',
  'function pause()',
  'function paused() view returns (bool)',
]);

async function rpc(method: string, params: readonly unknown[]): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${8545 + clone.portOffset}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(error.message);
  return result;
}

/** A transaction of one of the node's own accounts, as others send them. */
async function send(
  account: number,
  to: string,
  name: string,
  args: readonly unknown[] = [],
  value = 0n,
): Promise<void> {
  const accounts = (await rpc('eth_accounts', [])) as string[];
  const data = functions.encodeFunctionData(name, args);
  const transaction = { from: accounts[account], to, data, value: `0x${value.toString(16)}` };
  const hash = await rpc('eth_sendTransaction', [transaction]);
  // anvil answers before the block is there.
  for (let tries = 0; tries < 100; tries++) {
    const receipt = (await rpc('eth_getTransactionReceipt', [hash])) as { readonly status: string } | null;
    if (receipt?.status === '0x1') return;
    if (receipt !== null) throw new Error(`${name} failed`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} was not mined`);
}

async function ask(to: string, name: string, args: readonly unknown[] = []): Promise<readonly unknown[]> {
  const data = functions.encodeFunctionData(name, args);
  const answer = (await rpc('eth_call', [{ to, data }, 'latest'])) as string;
  return functions.decodeFunctionResult(name, answer).toArray() as readonly unknown[];
}

async function verified(): Promise<{ readonly exit: number | null; readonly report: VerifyReport }> {
  const { exit, stdout } = await clone.run(['verify', '--json']);
  return { exit, report: JSON.parse(stdout) as VerifyReport };
}

describe('./cutover verify', () => {
  it('finds everything as it should be after an update', async () => {
    const { exit, report } = await verified();
    expect([exit, report.sound]).toEqual([0, true]);
    const types = new Set(report.resources.map(({ type }) => type));
    expect([...types].sort()).toEqual(
      expect.arrayContaining(['Contract', 'Cut', 'Facet', 'FacetSet', 'Library', 'Pause', 'SetDiamond']),
    );
  });
});

describe('./cutover rollback', () => {
  it('without --to is refused while nothing is known of an earlier release; the choices are listed', async () => {
    const before = file();
    const { exit, stderr } = await clone.run(['rollback', 'dev', 'gemforce', '--reason', 'test']);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/CUT-5113 Nothing is known[^]*There are v1, v2; v1 is what the stack says/);
    expect(file()).toBe(before);
  });

  it('goes to another release in one cut, and only one line of the stack file changes', async () => {
    await send(0, diamond, 'gemforceMint', [[]]);
    await send(0, diamond, 'listItem', [token, 1000n]);
    expect(await ask(diamond, 'feeOf', [1000n])).toEqual([25n]);
    const before = file().split('\n');
    const args = ['rollback', 'dev', 'gemforce', '--to', 'v2', '--reason', 'quotes are wanted'];
    const { stdout } = done(await clone.run(args));
    expect(stdout).toMatch(/- feeOf\(uint256\)[^]*\+ quote\(uint256\)[^]*Served now: v2 /);
    expect((await ask(diamond, 'quote', [token])).slice(0, 2)).toEqual([1000n, 25n]);
    await expect(ask(diamond, 'feeOf', [1000n])).rejects.toThrow();
    const changed = file()
      .split('\n')
      .filter((line, index) => line !== before[index]);
    expect(changed).toEqual(['        marketplace: v2 # v2 is a cut; v1 again takes it back']);
  });

  it('without --to goes back to what was served before', async () => {
    const args = ['rollback', 'dev', 'gemforce', '--reason', 'purchases fail', '--json'];
    const report = JSON.parse(done(await clone.run(args)).stdout) as Record<string, unknown>;
    expect(report).toMatchObject({ from: 'v2', to: 'v1', serves: 'v1', outcome: 'done' });
    expect(await ask(diamond, 'feeOf', [1000n])).toEqual([25n]);
    expect(
      operations().map(({ command, from, to, reason, exit }) => [command, from, to, reason, exit]),
    ).toEqual([
      ['rollback', 'v1', 'v2', 'quotes are wanted', 0],
      ['rollback', 'v2', 'v1', 'purchases fail', 0],
    ]);
  });
});

describe('./cutover pause and resume', () => {
  it('stop purchases while reads work, and let them go on', async () => {
    const paused = done(await clone.run(['pause', 'dev', 'gemforce', '--reason', 'drained', '--json']));
    const report = JSON.parse(paused.stdout) as PauseReport;
    expect(report).toMatchObject({ outcome: 'paused', before: 'running', contract: diamond, file: 'paused' });
    expect(report.transaction).toMatch(/^0x[0-9a-f]{64}$/);
    const { from } = (await rpc('eth_getTransactionByHash', [report.transaction])) as {
      readonly from: string;
    };
    expect(from).toBe(((await rpc('eth_accounts', [])) as string[])[pauser]);
    expect(paused.milliseconds).toBeLessThan(20_000);
    expect(file()).toContain('paused: true');
    await expect(send(5, diamond, 'purchaseItem', [diamond, token], 1000n)).rejects.toThrow();
    expect(await ask(diamond, 'feeBps')).toEqual([250n]);
    expect((await verified()).report.sound).toBe(true);

    const again = done(await clone.run(['pause', 'dev', 'gemforce']));
    expect(again.stdout).toMatch(/Paused already: .* nothing was sent/);

    const resumed = done(await clone.run(['resume', 'dev', 'gemforce', '--reason', 'mended']));
    expect(resumed.stdout).toMatch(/Runs again: the diamond of Gemforce .* by 0x[0-9a-f]{64}/);
    await send(5, diamond, 'purchaseItem', [diamond, token], 1000n);
    const accounts = (await rpc('eth_accounts', [])) as string[];
    expect(String((await ask(diamond, 'ownerOf', [token]))[0]).toLowerCase()).toBe(
      accounts[5]?.toLowerCase(),
    );
    expect(file()).not.toContain('paused: true');
    expect(operations().slice(-3)).toMatchObject([
      { command: 'pause', from: 'running', to: 'paused', reason: 'drained', transaction: report.transaction },
      { command: 'pause', from: 'paused', to: 'paused' },
      { command: 'resume', from: 'paused', to: 'running', reason: 'mended' },
    ]);
  });

  it("leave somebody's pause in an emergency alone, show it, and end it when they are asked to", async () => {
    await send(4, escrow, 'pause');
    const { exit, report } = await verified();
    expect(exit).toBe(1);
    const faulty = report.resources.filter(({ state }) => state === 'faulty');
    expect(faulty.map(({ name }) => name)).toEqual(['escrow-pause']);
    expect(faulty[0]?.faults[0]).toContain('by somebody else than this program');

    const up = done(await clone.run(['up']));
    expect(up.stdout).toContain('it is paused, by somebody else than this program: it stays so');
    expect(await ask(escrow, 'paused')).toEqual([true]);

    const { stdout } = done(
      await clone.run(['resume', 'dev', 'meta-aggregator', '--reason', 'it was a drill']),
    );
    expect(stdout).toContain('Runs again: the Escrow of Meta Aggregator');
    expect(await ask(escrow, 'paused')).toEqual([false]);
    expect((await verified()).report.sound).toBe(true);
  });

  it('refuse a system that is misspelt, and one that the stack does not run', async () => {
    const misspelt = await clone.run(['pause', 'dev', 'meta-agregator']);
    expect([misspelt.exit, misspelt.stderr]).toEqual([
      2,
      expect.stringContaining('Did you mean meta-aggregator?'),
    ]);
    const notRun = await clone.run(['pause', 'dev', 'coinestate']);
    expect([notRun.exit, notRun.stderr]).toEqual([3, expect.stringContaining('CUT-5115')]);
    expect(file()).not.toContain('paused: true');
  });
});

/** Takes a port as soon as it is free. */
async function squatOn(port: number): Promise<Server> {
  for (let tries = 0; tries < 100; tries++) {
    const server = createServer((socket) => socket.destroy());
    const listens = new Promise((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if ((await listens) === true) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Port ${port} was not free within 5 s.`);
}

describe('while the chain is away', () => {
  let squatter: Server;
  const port = (): number => 8545 + clone.portOffset;

  it('each command says so and what stands, and leaves the file as it should be', async () => {
    for (const { pid, command } of processesOf(clone)) {
      if (command.includes('anvil') || command.includes('evm-node')) process.kill(pid, 'SIGKILL');
    }
    // Somebody else takes its port, so that no update brings it back.
    squatter = await squatOn(port());

    const verify = await clone.run(['verify']);
    expect(verify.exit).toBe(1);
    expect(verify.stdout).toMatch(/could not be looked at: No endpoint of local/);
    expect(verify.stdout + verify.stderr).not.toMatch(/\n {4}at |CUT-5100/);

    const pause = await clone.run(['pause', 'dev', 'gemforce']);
    expect(pause.exit).toBe(1);
    expect(pause.stdout).toMatch(/Not finished, after .* is not known, its chain does not answer/);
    expect(file()).toContain('paused: true');

    const rollback = await clone.run(['rollback', 'dev', 'gemforce', '--reason', 'test']);
    expect(rollback.exit).not.toBe(0);
    expect(rollback.stdout).toMatch(/Not yet v2 of the marketplace facet.*: what is served is not known/);
    expect(file()).toContain('marketplace: v2');
    expect(operations().at(-1)).toMatchObject({
      command: 'rollback',
      from: 'v1',
      to: 'v2',
      exit: rollback.exit,
    });
  });

  it('the same command goes on from there when it is back, with what the file wants', async () => {
    await new Promise((resolve) => squatter.close(resolve));
    const { stdout } = done(await clone.run(['rollback', 'dev', 'gemforce', '--to', 'v2', '--reason', 'on']));
    expect(stdout).toContain('Served now: v2');
    expect(await ask(diamond, 'paused')).toEqual([true]);
    expect((await verified()).report.sound).toBe(true);
  });
});
