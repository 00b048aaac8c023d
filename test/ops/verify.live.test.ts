import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Handler } from '@cutover/base/dynamic.ts';
import { handler as contracts } from '@cutover/chain/evm/contract-handler.ts';
import { handler as cuts } from '@cutover/chain/evm/cut-handler.ts';
import { handler as pauses } from '@cutover/chain/evm/pause-handler.ts';
import { prepareContract } from '@cutover/chain/evm/prepare.ts';
import { connect } from '@cutover/chain/evm/rpc.ts';
import { handler as roles } from '@cutover/chain/evm/roles-handler.ts';
import { encodeDiamondCut } from '@cutover/chain/plan/cut/diamond-call.ts';
import { facetSetCuts } from '@cutover/chain/plan/cut/facet-set.ts';
import { functionRecord } from '@cutover/chain/plan/cut/record.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import { roleNamed } from '@cutover/chain/plan/roles.ts';
import { lookAtAll, type ChainLook, type ChainResource } from '../../ops/chain-resources.ts';
import { accountAt, act, brought, facetOf, keyOf } from '../chain/evm/change-kit.ts';
import { created, sendFrom } from '../chain/handler-kit.ts';
import { networkOf } from '../chain/kit.ts';
import { startLocalNode, type LocalNode } from '../chain/local-node.ts';

let node: LocalNode;
beforeEach(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  node = await startLocalNode();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await node.stop();
});

/** Brings something as an update does, and hands it over as the state has it. */
async function kept<Inputs extends object, State extends object>(
  name: string,
  module: string,
  handler: Handler<Inputs, State>,
  inputs: Inputs,
): Promise<ChainResource> {
  const { state } = await created(handler, inputs);
  const outputs = state as Record<string, unknown>;
  return { urn: name, name, type: name, id: name, outputs, module: `@cutover/chain/evm/${module}.ts` };
}

const faultsOf = (looks: readonly ChainLook[]): Record<string, readonly string[]> =>
  Object.fromEntries(
    looks.filter(({ state }) => state !== 'sound').map(({ name, faults }) => [name, faults]),
  );

const switchSource = {
  kind: 'source',
  source: 'test/fixtures/solidity/Switch.sol',
  contract: 'Switch',
} as const;

/** A contract, its pause, a token with roles, a diamond. */
async function stand(): Promise<{
  readonly resources: readonly ChainResource[];
  readonly contract: string;
  readonly token: string;
  readonly diamond: string;
  readonly facet: string;
}> {
  const network = networkOf(node);
  const prepared = await prepareContract({ artifact: switchSource, args: [accountAt(0)], salt: 'verify' });
  const signer = { kind: 'local', account: 0 } as const;
  const contract = await kept('contract', 'contract-handler', contracts, { ...prepared, network, signer });
  const { address } = prepared;
  const pause = await kept('pause', 'pause-handler', pauses, {
    ...{ title: 'Switch', contract: address, paused: false, network, authority: keyOf(0) },
  });
  const setup = {
    ...{ admin: accountAt(0), authority: address, registrar: accountAt(0), validator: accountAt(0) },
    ...{ pauser: accountAt(0), guardian: accountAt(0), recoveryAddress: accountAt(0) },
    ...{ adminDelay: 0, exitDelay: 3600 },
  };
  const token = await brought(node, ['chain/contracts/sop-138/SecuredOperations.sol', 'SecuredOperations'], {
    setup,
  });
  const role = await kept('roles', 'roles-handler', roles, {
    ...{ title: 'SecuredOperations', contract: token, roles: ['PAUSER_ROLE'], unexpected: 'refuse' },
    holders: { [`PAUSER_ROLE ${accountAt(0)}`]: 'holds' },
    ...{ network, authority: keyOf(0) },
  });
  const facets = await Promise.all(
    ['DiamondCutFacet', 'DiamondLoupeFacet', 'OwnershipFacet', 'PausableFacet'].map((name) =>
      facetOf(node, `chain/contracts/diamond/${name}.sol`, name),
    ),
  );
  const args = [accountAt(0), facetSetCuts({ name: 'all', facets }), zeroAddress, '0x'];
  const diamond = await brought(node, ['chain/contracts/diamond/Diamond.sol', 'Diamond'], args, 'verify');
  const cut = await kept('cut', 'cut-handler', cuts, {
    ...{ title: 'Diamond', diamond, routes: functionRecord(facets), unwanted: 'remove', untouched: [] },
    ...{ mayLack: [], sends: 'changes', network, authority: keyOf(0) },
  } as unknown as Parameters<typeof cuts.create>[0]);
  const resources = [contract, pause, role, cut];
  return { resources, contract: address, token, diamond, facet: facets.at(-1)?.address ?? '' };
}

it('finds nothing where nothing was changed, in few round trips', async () => {
  const { resources } = await stand();
  const rpc = await connect(networkOf(node));
  const before = rpc.counts().roundTrips;
  expect(faultsOf(await lookAtAll(resources))).toEqual({});
  expect(rpc.counts().roundTrips - before).toBeLessThan(8);
});

it('shows in words what was paused, granted, cut and removed by hand, each at its resource', async () => {
  const { resources, contract, token, diamond, facet } = await stand();
  await act(node, 0, contract, 'pause()');
  await act(node, 0, token, 'grantRole(bytes32,address)', [roleNamed('PAUSER_ROLE').id, accountAt(5)]);
  const removed = { facetAddress: zeroAddress, action: 2, functionSelectors: ['0x8456cb59'] };
  const data = encodeDiamondCut({ facetCuts: [removed], initializer: undefined } as unknown as Parameters<
    typeof encodeDiamondCut
  >[0]);
  await sendFrom(node, accountAt(0), { to: diamond, data });
  const faults = faultsOf(await lookAtAll(resources));
  expect(Object.keys(faults).sort()).toEqual(['cut', 'pause', 'roles']);
  expect(faults['pause']?.[0]).toMatch(/^it is paused, by somebody else than this program/);
  expect(faults['roles']?.join()).toContain(accountAt(5));
  expect(faults['cut']?.join()).toContain('pause()');

  await node.provider.send('anvil_setCode', [facet, '0x']);
  const after = faultsOf(await lookAtAll(resources));
  expect(after['cut']?.join('\n')).toMatch(/PausableFacet.* (has )?no code/);
});

it('shows code that is gone, and code that is another', async () => {
  const { resources, contract } = await stand();
  await node.provider.send('anvil_setCode', [contract, '0x00']);
  expect(faultsOf(await lookAtAll(resources))['contract']?.[0]).toMatch(/^other code is there/);
  await node.provider.send('anvil_setCode', [contract, '0x']);
  expect(faultsOf(await lookAtAll(resources))).toMatchObject({
    contract: ['it is gone from the chain'],
    pause: ['it is gone from the chain'],
  });
});

it.each(['ends', 'hangs'] as const)(
  'says so when the node %s, in seconds and for all at once',
  async (how) => {
    const { resources } = await stand();
    if (how === 'ends') await node.stop();
    else {
      process.kill(node.pid, 'SIGSTOP');
      // A thread of it may still be answering.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    try {
      const began = Date.now();
      const looks = await lookAtAll(resources);
      expect(looks.map(({ state }) => state)).toEqual(resources.map(() => 'unseen'));
      expect(looks[0]?.faults[0]).toMatch(/^No endpoint of .* answers\. http:\/\/127\.0\.0\.1/);
      expect(Date.now() - began).toBeLessThan(15_000);
    } finally {
      if (how === 'hangs') process.kill(node.pid, 'SIGCONT');
    }
  },
);
