import * as pulumi from '@pulumi/pulumi';
import { CutoverError } from '@cutover/base/errors.ts';
import { Call, type CallArgs } from '@cutover/chain/resources/call.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { FacetSet } from '@cutover/chain/resources/facet-set.ts';
import { Pause } from '@cutover/chain/resources/pause.ts';
import { Proxy } from '@cutover/chain/resources/proxy.ts';
import { Roles } from '@cutover/chain/resources/roles.ts';
import { SetDiamond } from '@cutover/chain/resources/set-diamond.ts';
import { networkOf } from '../kit.ts';

// A program as infra/ has them, on Pulumi's in-process mocks: providers are serialized only from plain Node, not from
// what a test runner makes of the modules. Prints what was registered and refused, as JSON.
const registered: Record<string, unknown> = {};
const refusals: Record<string, string> = {};
const inStack = (stack: string): Promise<void> =>
  pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => {
        registered[name] = inputs;
        return { id: name, state: inputs as Record<string, unknown> };
      },
      call: () => ({}),
    },
    'cutover',
    stack,
  );
const attempt = async (name: string, work: (name: string) => unknown): Promise<void> => {
  try {
    await work(name);
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error;
    refusals[name] = error.message;
  }
};

const [owner, other] = [
  '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
];
const network = networkOf({ url: 'http://127.0.0.1:1', chainId: 31337 });
const signer = { kind: 'local', account: 0 } as const;
const common = { title: 'Savings', network, authority: { kind: 'key', signer } } as const;
const artifact = {
  kind: 'source',
  source: 'test/fixtures/solidity/Savings.sol',
  contract: 'SavingsUupsV2',
} as const;
const address = async (args: Partial<Parameters<typeof Proxy.prepare>[0]>): Promise<string> =>
  (await Proxy.prepare({ title: 'Savings', kind: 'uups', owner, ...args })).address;

await inStack('staging');
const inStaging = await address({});
await inStack('dev');
const proxy = await Proxy.prepare({ title: 'Savings', kind: 'uups', owner });
const addresses = [
  proxy.address,
  inStaging,
  await address({ title: 'Other' }),
  await address({ owner: other }),
  await address({ kind: 'transparent' }),
];
const implementation = await Proxy.implementation({
  artifact,
  initialize: { function: 'initialize', args: { owner_: owner } },
  migrate: { function: 'migrate', args: { fee_: 25 } },
});
new Contract('savings', { contract: proxy, network, signer });
new Contract('savings-implementation', { contract: implementation, network, signer });
new Proxy('savings-proxy', { ...common, proxy: proxy.address, kind: 'uups', implementation });
new Proxy('later-proxy', {
  ...common,
  proxy: pulumi.output(Promise.resolve(proxy.address)),
  kind: 'uups',
  implementation: { contract: 'Savings', address: implementation.address },
});

const call: CallArgs = {
  ...{ ...common, to: proxy.address, function: 'migrate', args: [25] },
  abi: ['function migrate(uint256 fee_)', 'function fee() view returns (uint256)'],
  postcondition: { view: 'fee', returns: 25 },
};
new Call('fee', call);
new Call('elsewhere', { ...call, postcondition: { view: 'fee', returns: 25, of: other } });
new Pause('pause', { ...common, contract: pulumi.output(proxy.address), paused: false });

await attempt('owner', () => Proxy.prepare({ title: 'Savings', kind: 'uups', owner: '0x12' }));
await attempt('migration', () =>
  Proxy.implementation({ artifact, migrate: { function: 'migrat', args: { fee_: 25 } } }),
);
await attempt(
  'no-proxy',
  (name) => new Proxy(name, { ...common, proxy: '0x12', kind: 'uups', implementation }),
);
await attempt('arguments', (name) => new Call(name, { ...call, args: ['much'] }));
await attempt(
  'postcondition',
  (name) => new Call(name, { ...call, postcondition: { view: 'fees', returns: 25 } }),
);
await attempt('no-roles', (name) => new Roles(name, { ...common, contract: 'here', roles: {} }));
await attempt('no-pause', (name) => new Pause(name, { ...common, contract: 'here', paused: false }));
await attempt(
  'no-factory',
  (name) => new FacetSet(name, { ...common, factory: 'here', set: 'a', facets: [] }),
);
await attempt(
  'no-admin',
  (name) => new SetDiamond(name, { ...common, factory: other, set: 'a', admin: '0x' }),
);

await new Promise((resolve) => setTimeout(resolve, 300));
process.stdout.write(JSON.stringify({ registered, refusals, addresses }));
