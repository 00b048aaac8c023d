import * as pulumi from '@pulumi/pulumi';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { Pause } from '@cutover/chain/resources/pause.ts';
import { Roles } from '@cutover/chain/resources/roles.ts';
import { tiers } from '../../components/tiers.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import { operationsContract, operationsRoles } from '../contracts/sop-138.ts';
import { accountsOf, authorityOf, ownAuthorities, signerOf } from './accounts.ts';
import {
  beacon,
  contractGate,
  contractReport,
  contractsAlone,
  evmNetwork,
  healthReport,
  portOf,
  serviceGate,
  showSources,
  waitsOf,
  type Report,
} from './parts.ts';

/**
 * 138: hardened contract operations.
 *
 *     SecuredOperations, its roles as they should be ──▶ node service over the chain ── health
 */
export async function sop138(config: CutoverConfig, local: Foundations | undefined): Promise<Report> {
  const settings = config.systems.sop138;
  const network = evmNetwork(config, settings.network, local);
  const signer = signerOf(config, settings.deployer);
  const accounts = await accountsOf(config, settings.operations.accounts);
  const [authority, pauser] = await Promise.all([
    authorityOf(config, settings.operations.accounts.admin),
    authorityOf(config, settings.operations.accounts.pauser),
  ]);
  const own = await ownAuthorities(config, Object.values(settings.operations.accounts), { network, signer });
  const prepared = await operationsContract(settings, accounts);

  const onChain = tiers('sop-138').contracts(({ opts }) => {
    const operations = new Contract(
      'secured-operations',
      { contract: prepared, network, signer, keeps: 'state' },
      { ...opts, dependsOn: own.describe(opts) },
    );
    const roles = new Roles(
      'secured-operations-roles',
      {
        title: 'SecuredOperations',
        contract: prepared.address,
        roles: operationsRoles(accounts),
        network,
        authority,
      },
      { ...opts, dependsOn: [operations] },
    );
    const pause = new Pause(
      'secured-operations-pause',
      {
        title: 'SecuredOperations',
        contract: prepared.address,
        paused: settings.operations.paused,
        network,
        authority: pauser,
        resumes: authority,
      },
      { ...opts, dependsOn: [roles] },
    );
    return {
      operations,
      report: {
        title: '138',
        contracts: [contractReport('SecuredOperations', operations, network)],
        waits: waitsOf({ 'secured-operations-roles': roles, 'secured-operations-pause': pause }),
      },
      gate: contractGate(config, local, {
        name: 'SecuredOperations answers with its admin',
        contract: operations.address,
        view: 'defaultAdmin()',
        answers: accounts.admin,
        triggers: [operations.codeHash, roles.held],
      }),
    };
  });
  if (local === undefined) {
    const { contracts, component } = onChain.done();
    const shown = [prepared, ...own.contracts].map((contract) => ({ contract }));
    const opts = { parent: component, dependsOn: [contracts.operations] };
    showSources(config, 'secured-operations-sources', { network, contracts: shown }, opts);
    return contractsAlone(contracts.report);
  }

  const { contracts, backend } = onChain
    .backend(({ opts }) => {
      const node = beacon(
        'sop-138-node',
        {
          ...portOf(local, 'sop138'),
          environment: {
            SYSTEM: 'sop-138',
            TITLE: '138',
            SERVICE: 'node',
            NETWORK: settings.network,
            EVM_RPC_URL: local.evm().url,
            EVM_CHAIN_ID: String(network.chainId),
            EVM_CONTRACTS: `secured_operations=${prepared.address}`,
          },
        },
        opts,
      );
      return { node, gate: serviceGate(config, node, healthReport(node)) };
    })
    .done(({ backend: { node } }) => ({ url: node.url }));

  const { url } = backend.node;
  return pulumi.output({
    ...contracts.report,
    summary: 'SecuredOperations with its roles, and a beacon that stands in for the node service.',
    urls: [
      { name: 'page', url },
      { name: 'health', url: pulumi.interpolate`${url}/health` },
    ],
    try: [],
  });
}
