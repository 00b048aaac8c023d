import * as pulumi from '@pulumi/pulumi';
import { CutoverError } from '@cutover/base/errors.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import type { ContractArgs } from '@cutover/chain/resources/deployed-contract.ts';
import { networkOf, vaultArgs } from '../kit.ts';

// A program as infra/ has them, on Pulumi's in-process mocks: providers are serialized only from plain Node, not from
// what a test runner makes of the modules. Prints what was registered and refused, as JSON.
const registered: Record<string, Record<string, unknown>> = {};
const inStack = (stack: string): Promise<void> =>
  pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => {
        registered[name] = inputs as Record<string, unknown>;
        return { id: name, state: inputs as Record<string, unknown> };
      },
      call: () => ({}),
    },
    'cutover',
    stack,
  );
const refusals: Record<string, string> = {};
const attempt = (name: string, args: ContractArgs): void => {
  try {
    new Contract(name, args);
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error;
    refusals[name] = error.code;
  }
};

const artifact = {
  kind: 'foundry',
  path: 'test/fixtures/artifacts/foundry/out/Vault.sol/Vault.json',
} as const;
const args = { artifact, args: vaultArgs.args };
const network = networkOf({ url: 'http://127.0.0.1:1', chainId: 31337 });
const signer = { kind: 'local', account: 0 } as const;

await inStack('staging');
const inStaging = await Contract.prepare(args);
await inStack('dev');
const contract = await Contract.prepare(args);
attempt('first', { contract, network, signer });
attempt('same-address', { contract, network, signer });
attempt('own-salt', { contract: await Contract.prepare({ ...args, salt: 'own' }), network, signer });
attempt('public-key', { contract: inStaging, network: { ...network, chainId: 84532 }, signer });

await new Promise((resolve) => setTimeout(resolve, 300));
process.stdout.write(
  JSON.stringify({ registered, refusals, addresses: [contract.address, inStaging.address] }),
);
