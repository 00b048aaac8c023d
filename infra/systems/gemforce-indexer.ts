import * as pulumi from '@pulumi/pulumi';
import { NodeService } from '../../components/local/node-service.ts';
import type { Foundations } from '../foundations.ts';
import { portOf } from './parts.ts';

/** The database of the indexer: its own, since events are written all the time. */
export const indexerDatabase = 'gemforce_indexer';

/** The indexer of Gemforce: it keeps the events of the diamond and hands them to websocket subscribers. */
export function gemforceIndexer(
  local: Foundations,
  diamond: {
    readonly address: pulumi.Input<string>;
    readonly chainId: number;
    /** As Solidity writes them. */
    readonly events: readonly string[];
  },
  opts: pulumi.ComponentResourceOptions,
): NodeService {
  const { address, chainId, events } = diamond;
  return new NodeService(
    'gemforce-indexer',
    {
      ...portOf(local, 'gemforceIndexer'),
      script: 'services/indexer/main.ts',
      sources: ['services/indexer', 'services/kit'],
      // Whether it runs. Whether it is well is the gate's question.
      healthPath: '/livez',
      environment: {
        EVM_RPC_URL: local.evm().url,
        EVM_CHAIN_ID: String(chainId),
        DATABASE_URL: local.postgres().url(indexerDatabase),
        // From the first block: the chain of this machine is short.
        CONTRACTS: pulumi.jsonStringify([{ name: 'Gemforce', address, fromBlock: 0, events }]),
      },
      secretFiles: { DATABASE_PASSWORD_FILE: local.postgres().passwordFile(indexerDatabase) },
    },
    opts,
  );
}
