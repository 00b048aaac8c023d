import { Interface } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localAddresses } from '@cutover/chain/plan/signer.ts';
import { deployPlainly, sendFrom } from '../chain/handler-kit.ts';
import { startLocalNode, type LocalNode } from '../chain/local-node.ts';
import { makeProgramStack, type ProgramStack } from './program-stack.ts';

// The real engine and a diamond that another package's users have: SolidStateDiamond of @solidstate/contracts. The
// preview of a cut with all that it can hold is in docs/cuts.md as it was printed here.
const owner = localAddresses[0] ?? '';
const greeter = new Interface([
  'function greet() view returns (string)',
  'function greetTwice() view returns (string)',
  'function changes() view returns (uint256)',
  'function setGreeting(string)',
]);

let node: LocalNode;
let stack: ProgramStack;
let diamond: string;
beforeAll(async () => {
  node = await startLocalNode();
  stack = await makeProgramStack('adopted-diamond');
  diamond = await deployPlainly(
    node,
    { kind: 'source', source: 'test/fixtures/solidity/ForeignDiamond.sol', contract: 'ForeignDiamond' },
    owner,
  );
});
afterAll(async () => {
  stack.remove();
  await node.stop();
});

const wants = (more: object = {}): object => ({ url: node.url, diamond, ...more });
const run = (args: readonly string[], more: object = {}): Promise<string> =>
  stack.done(args[0] === 'up' ? ['up', '--yes', '--skip-preview', ...args.slice(1)] : args, wants(more));
const sent = (): Promise<number> => node.provider.getTransactionCount(owner);
const ask = async (name: string): Promise<unknown> => {
  const data = await node.provider.call({ to: diamond, data: greeter.encodeFunctionData(name) });
  return greeter.decodeFunctionResult(name, data)[0] as unknown;
};
const write = (greeting: string): Promise<unknown> =>
  sendFrom(node, owner, { to: diamond, data: greeter.encodeFunctionData('setGreeting', [greeting]) });

describe("a diamond of somebody else's package, by the engine", () => {
  it('is adopted by its address: what it serves is shown, and nothing is sent', async () => {
    const before = await sent();
    await run(['up']);
    const { serves, drift } = await stack.outputs();
    expect(serves).toMatchObject({ 'owner()': `the diamond itself ${diamond}` });
    expect(drift).toEqual([]);
    await run(['up', '--expect-no-changes']);
    expect(await sent()).toBe(before);
  });

  it('is cut: the preview shows what is added, and the update does that', async () => {
    const text = await run(['preview'], { facet: 'GreeterFacet' });
    expect(text).toMatch(/cut of 0x\w+: 3 added, \d+ unchanged/);
    expect(text).toMatch(/\+ greet\(\) +GreeterFacet 0x/);
    expect(text).toMatch(/about [\d,]+ gas, [\d.]+ ETH at [\d.]+ gwei now/);
    expect(text).toContain('by the key of a signer, at once');
    await run(['up'], { facet: 'GreeterFacet' });
    await write('hello');
    expect(await ask('greet')).toBe('hello');
    await run(['up', '--expect-no-changes'], { facet: 'GreeterFacet' });
  });

  it('shows in one preview what is added, replaced and removed', async () => {
    const text = await run(['preview'], { facet: 'GreeterFacetV2', removes: true });
    expect(text).toMatch(/1 removed, 2 replaced, 1 added/);
    expect(text).toMatch(/- changes\(\) +GreeterFacet 0x/);
    expect(text).toMatch(/~ greet\(\) +GreeterFacet 0x\w+ -> GreeterFacetV2 0x/);
    expect(text).toMatch(/\+ greetTwice\(\) +GreeterFacetV2 0x/);
    expect(await ask('greet')).toBe('hello');
  });

  it('refuses a facet that has moved what the diamond keeps, with both places, and sends nothing', async () => {
    const before = await sent();
    const { exit, text } = await stack.run(['preview'], wants({ facet: 'GreeterFacetMoved', removes: true }));
    expect(exit).not.toBe(0);
    expect(text).toContain('CUT-2150');
    expect(text).toMatch(/greeting/);
    expect(text).toMatch(/slot/);
    expect(await sent()).toBe(before);
  });

  it('is cut to the next version, and rolled back to the one before with what was kept', async () => {
    await run(['up'], { facet: 'GreeterFacetV2', removes: true });
    expect([await ask('greet'), await ask('greetTwice')]).toEqual(['hello!', 'hellohello']);
    await expect(ask('changes')).rejects.toThrow();
    const text = await run(['preview'], { facet: 'GreeterFacet', removes: true });
    expect(text).toMatch(/1 removed, 2 replaced, 1 added/);
    await run(['up'], { facet: 'GreeterFacet', removes: true });
    expect([await ask('greet'), await ask('changes')]).toEqual(['hello', 1n]);
    const { serves } = await stack.outputs();
    expect(serves).toMatchObject({ 'owner()': `the diamond itself ${diamond}` });
    await run(['up', '--expect-no-changes'], { facet: 'GreeterFacet', removes: true });
  });

  it('stays as it is when the stack goes', async () => {
    await run(['destroy', '--yes', '--skip-preview'], { facet: 'GreeterFacet', removes: true });
    expect(await ask('greet')).toBe('hello');
  });
});
