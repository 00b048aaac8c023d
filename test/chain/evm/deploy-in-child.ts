import { deployContract } from '@cutover/chain/evm/deploy.ts';
import { deploymentOf, networkOf, signedBy, vaultArgs } from '../kit.ts';

// Deploys the test contract once for each salt, all at the same time, and tells what it does: a process to be killed.
const [url = '', ...salts] = process.argv.slice(2);
const deployments = await Promise.all(salts.map((salt) => deploymentOf({ ...vaultArgs, salt })));
const { rpc, signer } = await signedBy(networkOf({ url, chainId: 31337 }));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say('ready');
await Promise.all(deployments.map((deployment) => deployContract(rpc, signer, deployment, say)));
say('done');
