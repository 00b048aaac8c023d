import type { ProcessDefinition, ProcessKind } from '../plan/process-definition.ts';
import type { Kind } from './kind.ts';
import { evmNode } from './kinds/evm-node.ts';
import { mongoServer } from './kinds/mongo-server.ts';
import { nodeService } from './kinds/node-service.ts';
import { postgresServer } from './kinds/postgres-server.ts';
import { solanaNode } from './kinds/solana-node.ts';
import { valkeyServer } from './kinds/valkey-server.ts';

const kinds: { readonly [K in ProcessKind]: Kind<Extract<ProcessDefinition, { kind: K }>> } = {
  'evm-node': evmNode,
  'solana-node': solanaNode,
  postgres: postgresServer,
  mongo: mongoServer,
  valkey: valkeyServer,
  'node-service': nodeService,
};

/** What Cutover knows of the kind of a definition. */
export function kindOf(definition: ProcessDefinition): Kind<ProcessDefinition> {
  return kinds[definition.kind];
}
