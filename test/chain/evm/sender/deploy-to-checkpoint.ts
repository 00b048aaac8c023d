import { onCheckpoint, type Checkpoint } from '@cutover/chain/evm/journal/checkpoint.ts';
import { deployContract } from '@cutover/chain/evm/deploy.ts';
import { deploymentOf, networkOf, signedBy, vaultArgs } from '../../kit.ts';

// Deploys the test contract once for each salt, all at the same time, and kills itself when a checkpoint is reached for
// the n-th time.
const [url = '', checkpoint = '', nth = '1', ...salts] = process.argv.slice(2);
const deployments = await Promise.all(salts.map((salt) => deploymentOf({ ...vaultArgs, salt })));
const { rpc, signer } = await signedBy(networkOf({ url, chainId: 31337 }));
let reached = 0;
onCheckpoint((name: Checkpoint) => {
  if (name === checkpoint && ++reached === Number(nth)) process.kill(process.pid, 'SIGKILL');
});
await Promise.all(deployments.map((each) => deployContract(rpc, signer, each, () => undefined)));
