import type * as pulumi from '@pulumi/pulumi';
import { loadArtifact } from '@cutover/chain/evm/artifacts.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import { localChainId } from '@cutover/chain/plan/network.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { Facet } from '@cutover/chain/resources/facet.ts';
import { Library } from '@cutover/chain/resources/library.ts';
import { Diamond } from '../../../components/evm/diamond.ts';
import { artifactOf, baseExcludes, changedArtifactOf, systemOf } from './system.ts';

// The system as a program of ours: what a user writes, on the real engine.
const url = process.env['BENCH_RPC_URL'] ?? '';
const system = await systemOf(Number(process.env['BENCH_FACETS'] ?? 16));
const changed = (process.env['BENCH_CHANGED'] ?? '').split(',');
const network = {
  name: 'bench',
  chainId: localChainId,
  endpoints: [{ url }],
  confirmations: Number(process.env['BENCH_CONFIRMATIONS'] ?? 5),
};
const signer = { kind: 'local', account: 0 } as const;
const salt = 'bench';

const libraries = await Promise.all(
  system.libraries.map((name) => Library.prepare({ artifact: artifactOf(name), salt })),
);
const linked = Object.fromEntries(libraries.map(({ contract, address }) => [contract, address]));
const base = await Facet.prepare({ artifact: artifactOf(system.base.name), exclude: baseExcludes, salt });
const facets = await Promise.all(
  system.facets.map(({ name }) => {
    const artifact = changed.includes(name) ? changedArtifactOf(name) : artifactOf(name);
    return Facet.prepare({ artifact, libraries: linked, salt });
  }),
);
const selectors = base.functions.map(({ selector }) => selector);
const diamond = await Contract.prepare({
  artifact: artifactOf('Diamond'),
  args: [system.admin, [[base.address, 0, selectors]], zeroAddress, '0x'],
  salt,
});
const { abi } = await loadArtifact(artifactOf(system.base.name));

const bench = new Diamond('bench', {
  title: 'Bench',
  origin: { kind: 'own', contract: diamond },
  facets: [base, ...facets],
  libraries,
  initializer: { address: base.address, calldata: system.initialize, name: system.base.name, abi },
  network,
  signer,
  authority: { kind: 'key', signer },
});

export const systems = {};
export const address: pulumi.Output<string> = bench.address;
