import { loadArtifact } from '@cutover/chain/evm/artifacts.ts';
import { openAccount } from '@cutover/chain/evm/account.ts';
import { handler as cutHandler } from '@cutover/chain/evm/cut-handler.ts';
import { deployContract, type Deployment } from '@cutover/chain/evm/deploy.ts';
import { encodeInitCode, prepareContract, type PrepareArgs } from '@cutover/chain/evm/prepare.ts';
import { connect } from '@cutover/chain/evm/rpc.ts';
import { functionRecord } from '@cutover/chain/plan/cut/record.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import { localChainId, type NetworkRef } from '@cutover/chain/plan/network.ts';
import { artifactOf, systemOf } from './system.ts';

// The chain's part of an update and nothing else, in one process: what the handlers of the resources call, with the
// journal, confirmations and checks. `node test/bench/deployment/ours-chain.ts URL FACETS CONFIRMATIONS`.
const [url = '', facetCount = '16', confirmations = '5'] = process.argv.slice(2);
const network: NetworkRef = {
  name: 'bench',
  chainId: localChainId,
  endpoints: [{ url }],
  confirmations: Number(confirmations),
};
const signer = { kind: 'local', account: 0 } as const;
const system = await systemOf(Number(facetCount));

const deployments: Deployment[] = [];
const libraries: Record<string, string> = {};
for (const name of system.libraries) libraries[name] = await prepared(name);
const base = await prepared(system.base.name);
const selectors = system.base.functions.map(({ selector }) => selector);
const diamond = await prepared('Diamond', {
  args: [system.admin, [[base, 0, selectors]], zeroAddress, '0x'],
});
const facets = [{ ...system.base, address: base }];
for (const facet of system.facets)
  facets.push({ ...facet, address: await prepared(facet.name, { libraries }) });

const rpc = await connect(network);
const log = (line: string): void => void process.stdout.write(`${line}\n`);
const account = openAccount(signer, network);
const send = (each: Deployment): Promise<unknown> =>
  deployContract(rpc, () => account, each, log, { settle: 'later' });
// As the engine does: what depends on others begins when they are on their way, and does not wait for a block.
await Promise.all(deployments.filter(({ address }) => address !== diamond).map(send));
await Promise.all(deployments.filter(({ address }) => address === diamond).map(send));
await cutHandler.create({
  ...{ title: 'Bench', diamond, network, sends: 'changes', untouched: [], mayLack: [], unwanted: 'remove' },
  ...{ layouts: {}, allow: [] },
  routes: functionRecord(facets),
  initializer: {
    address: base,
    calldata: system.initialize,
    gas: '500000',
    words: 'initialize("Benchmark")',
  },
  authority: { kind: 'key', signer },
});

/** Checks a contract, keeps it for later, and answers with its address. */
async function prepared(name: string, more: Partial<PrepareArgs> = {}): Promise<string> {
  const args: PrepareArgs = { artifact: artifactOf(name), salt: 'bench', ...more };
  const { address, salt, libraries: linked } = await prepareContract(args);
  const artifact = await loadArtifact(args.artifact);
  const { initCode, readable } = encodeInitCode(artifact, linked, args.args ?? []);
  deployments.push({ artifact, libraries: linked, initCode, salt, address, args: JSON.stringify(readable) });
  return address;
}
