import type * as pulumi from '@pulumi/pulumi';
import type { PreparedContract } from '../evm/prepare.ts';
import {
  DeployedContract,
  prepareForStack,
  type ContractArgs,
  type ContractPrepareArgs,
} from './deployed-contract.ts';

/**
 * A contract on an EVM chain. It is deployed with CREATE2, so its address is known before anything is sent, an update
 * that was killed goes on where it stopped, and a chain that lost its state gets the contract back at the same address.
 * Other code, arguments or salt give another contract; the old one stays on the chain.
 *
 * @example
 * const prepared = await Contract.prepare({
 *   artifact: { kind: 'source', source: 'chain/contracts/escrow/Escrow.sol', contract: 'Escrow' },
 *   args: { arbiter: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' },
 *   expects: [{ view: 'arbiter', returns: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' }],
 * });
 * const escrow = new Contract('escrow', { contract: prepared, network, signer: { kind: 'local', account: 0 } });
 */
export class Contract extends DeployedContract {
  /** Compiles and checks a contract and computes its address, before anything is registered or sent. */
  static prepare(args: ContractPrepareArgs): Promise<PreparedContract> {
    return prepareForStack(args);
  }

  constructor(name: string, args: ContractArgs, opts?: pulumi.CustomResourceOptions) {
    super('Contract', name, args, opts);
  }
}
