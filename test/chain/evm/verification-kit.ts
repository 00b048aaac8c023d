import { deployContract } from '@cutover/chain/evm/deploy.ts';
import { prepareContract, type PrepareArgs } from '@cutover/chain/evm/prepare.ts';
import type { VerifiedContract } from '@cutover/chain/evm/verification/submission.ts';
import { deploymentOf, networkOf, signedBy } from '../kit.ts';
import type { LocalNode } from '../local-node.ts';

/** Deploys a contract and describes it as the resource does. */
export async function deployed(node: LocalNode, args: PrepareArgs): Promise<VerifiedContract> {
  const { rpc, signer } = await signedBy(networkOf(node));
  const { transaction } = await deployContract(rpc, signer, await deploymentOf(args), () => undefined);
  const { contract, artifact, address, initCodeHash, args: given, libraries } = await prepareContract(args);
  return {
    ...{ contract, artifact, address, initCodeHash, libraries },
    args: given,
    ...(transaction === undefined ? {} : { creationTransaction: transaction.hash }),
  };
}
