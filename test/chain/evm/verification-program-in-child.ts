import * as pulumi from '@pulumi/pulumi';
import { CutoverError } from '@cutover/base/errors.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { Verification, type VerificationArgs } from '@cutover/chain/resources/verification.ts';
import { networkOf, vaultArgs } from '../kit.ts';

// A program as infra/ has them, on Pulumi's in-process mocks: providers are serialized only from plain Node. Prints what
// was registered and refused, as JSON.
const registered: Record<string, unknown> = {};
await pulumi.runtime.setMocks(
  {
    newResource: ({ name, inputs }) => {
      registered[name] = inputs;
      return { id: name, state: inputs as Record<string, unknown> };
    },
    call: () => ({}),
  },
  'cutover',
  'staging',
);
const refusals: Record<string, string> = {};
const attempt = (name: string, args: VerificationArgs): void => {
  try {
    new Verification(name, args);
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error;
    refusals[name] = error.message;
  }
};

const path = 'test/fixtures/artifacts/foundry/out/Vault.sol/Vault.json';
const contract = await Contract.prepare({ artifact: { kind: 'foundry', path }, args: vaultArgs.args });
const network = networkOf({ url: 'https://node.example/key-in-the-path', chainId: 84532 });
const explorers = [
  { kind: 'etherscan', apiKey: { kind: 'env', name: 'ETHERSCAN_API_KEY' } },
  { kind: 'sourcify' },
] as const;
const hash = `0x${'ab'.repeat(32)}`;
const implementation = contract.address;
attempt('vault', {
  contracts: [{ contract, creationTransaction: pulumi.output(hash), implementation }],
  network,
  explorers,
});
attempt('wrong', {
  contracts: [
    { contract, creationTransaction: '0xabc' },
    { contract, implementation: 'nobody' },
  ],
  network,
  explorers: [...explorers, { kind: 'sourcify', url: 'http://sourcify.example' }],
  patienceSeconds: Number.NaN,
});

await new Promise((resolve) => setTimeout(resolve, 300));
process.stdout.write(JSON.stringify({ registered, refusals }));
