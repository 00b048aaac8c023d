import * as pulumi from '@pulumi/pulumi';
import { tiers } from '../../components/tiers.ts';
import type { CutoverConfig } from '../config.ts';
import type { Foundations } from '../foundations.ts';
import { beacon, gatePatience, healthReport, portOf, serviceGate, type Report } from './parts.ts';

/**
 * 138: hardened contract operations.
 *
 *     EVM node ──▶ node service over the chain ── health
 */
export function sop138(config: CutoverConfig, local: Foundations): Report {
  const settings = config.systems.sop138;
  const { chainId } = local.evm();

  const { backend } = tiers('sop-138')
    .contracts(() => ({
      // The place of the contracts with roles. Until they are built here, the tier asks whether their chain is there.
      gate: {
        ...gatePatience(config),
        checks: [{ kind: 'jsonRpc', name: 'EVM node', url: local.evm().url, expect: { chainId } }],
      },
    }))
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
            EVM_CHAIN_ID: String(chainId),
          },
        },
        opts,
      );
      return { node, gate: serviceGate(config, node, healthReport(node)) };
    })
    .done(({ backend: { node } }) => ({ url: node.url }));

  const { url } = backend.node;
  return pulumi.output({
    title: '138',
    summary: 'The chain, and a beacon that stands in for the node service.',
    urls: [
      { name: 'page', url },
      { name: 'health', url: pulumi.interpolate`${url}/health` },
    ],
    contracts: [],
    try: [],
  });
}
