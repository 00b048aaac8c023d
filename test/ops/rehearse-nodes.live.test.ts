import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interface } from 'ethers/abi';
import { computeAddress } from 'ethers/transaction';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { loadStackConfig } from '../../ops/config.ts';
import { startNode, type StandInNode } from '../../ops/rehearse/nodes.ts';
import { standInsFor, type StandIns } from '../../ops/rehearse/stand-ins.ts';

// The node that stands in for Ethereum when prod is rehearsed.
const mark = { CUTOVER_TWIN: `/nowhere/${process.pid}` };
let standIns: StandIns;
let node: StandInNode;
beforeAll(async () => {
  const text = readFileSync(join(projectRoot, 'Pulumi.prod.yaml'), 'utf8');
  standIns = standInsFor(text, await loadStackConfig('prod'), { seed: 'test' });
  const [chain] = standIns.chains;
  if (chain === undefined) throw new Error('prod has no chain');
  node = await startNode(chain, standIns, mark);
});
afterAll(() => node.stop());

const safe = new Interface([
  'function getOwners() view returns (address[])',
  'function getThreshold() view returns (uint256)',
  'function VERSION() view returns (string)',
]);
async function ask(to: string, view: string): Promise<unknown> {
  const data = safe.encodeFunctionData(view);
  const answer = (await node.ask('eth_call', [{ to, data }, 'latest'])) as string;
  return safe.decodeFunctionResult(view, answer)[0] as unknown;
}

it('says that it is Ethereum', async () => {
  expect(await node.ask('eth_chainId')).toBe('0x1');
});

it('has a Safe at every address that the stack file names, with two of three owners of the rehearsal', async () => {
  expect(standIns.safes).toHaveLength(4);
  const owners = standIns.owners.map((owner) => computeAddress(owner));
  for (const address of standIns.safes) {
    expect(await ask(address, 'VERSION')).toBe('1.5.0');
    expect(await ask(address, 'getThreshold')).toBe(2n);
    expect([...((await ask(address, 'getOwners')) as string[])].sort()).toEqual(owners.toSorted());
  }
});

it('has funded every signer, and counts what they sent', async () => {
  for (const key of standIns.funded) {
    expect(
      BigInt((await node.ask('eth_getBalance', [computeAddress(key), 'latest'])) as string),
    ).toBeGreaterThan(10n ** 21n);
  }
  expect(await node.transactions()).toBe(0);
});

it('lets the delay of a time lock pass at once', async () => {
  const time = async (): Promise<number> =>
    Number(((await node.ask('eth_getBlockByNumber', ['latest', false])) as { timestamp: string }).timestamp);
  const before = await time();
  await node.passTime(standIns.delaySeconds);
  expect((await time()) - before).toBeGreaterThanOrEqual(48 * 3600);
});

it('says which method it refused', async () => {
  await expect(node.ask('eth_noSuchThing')).rejects.toThrow(
    /CUT-5524 The local node for ethereum .*eth_noSuchThing/,
  );
});

it('ends when it is told to, and is found by its mark until then', async () => {
  expect(await processesWithEnvironment('CUTOVER_TWIN', mark.CUTOVER_TWIN)).toHaveLength(1);
  await node.stop();
  expect(await processesWithEnvironment('CUTOVER_TWIN', mark.CUTOVER_TWIN)).toEqual([]);
});
