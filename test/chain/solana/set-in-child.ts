// node set-in-child.ts URL PROGRAM MAX_USERS CHECKPOINT: sets the limits of an exchange, and ends by its own hand there.
import { handler } from '@cutover/chain/solana/account-setting-handler.ts';
import { onCheckpoint } from '@cutover/chain/solana/journal/checkpoint.ts';
import { limitsOf } from './setting-kit.ts';

const [, , url = '', program = '', maxUsers = '', name = ''] = process.argv;
const network = { name: 'test', cluster: 'localnet', endpoints: [{ url }] } as const;
onCheckpoint((reached) => {
  if (reached === name) process.kill(process.pid, 'SIGKILL');
});
await handler.create(limitsOf(program, network, { maxUsers: BigInt(maxUsers) }));
