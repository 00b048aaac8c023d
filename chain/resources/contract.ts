import * as pulumi from '@pulumi/pulumi';
import { thinProvider } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { SecretRef } from '@cutover/base/secrets.ts';
import { checkSigner } from '../evm/account.ts';
import { loadArtifact } from '../evm/artifacts.ts';
import { prepareContract, type PrepareArgs, type PreparedContract } from '../evm/prepare.ts';
import type { SignerRef } from '../plan/signer.ts';

/** A chain, where the URLs may come from resources that are yet to be started. */
export interface NetworkArgs {
  readonly name: string;
  readonly chainId: number;
  readonly endpoints: readonly {
    readonly url: pulumi.Input<string | SecretRef>;
    readonly weight?: number;
  }[];
  readonly confirmations?: number;
}

export interface ContractArgs {
  /** From `Contract.prepare`: checked, compiled, with its address known. */
  readonly contract: PreparedContract;
  readonly network: NetworkArgs;
  /** Who pays for the deployment. It gets no rights: give those in the constructor arguments. */
  readonly signer: SignerRef;
}

/** As `prepareContract`, with a salt of the stack's own. */
export type ContractPrepareArgs = Omit<PrepareArgs, 'salt'> & {
  /** @default made of the project, the stack and the contract's name, so that stacks on one chain share nothing */
  readonly salt?: string;
};

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
export class Contract extends pulumi.dynamic.Resource {
  declare readonly address: pulumi.Output<string>;
  /** Hash of the code on the chain. */
  declare readonly codeHash: pulumi.Output<string>;
  /** Values that the constructor gave immutables, by their names. */
  declare readonly immutables: pulumi.Output<Readonly<Record<string, string>>>;
  /** The deployment's transaction, block and sender; undefined where the contract was found deployed. */
  declare readonly transactionHash: pulumi.Output<string | undefined>;
  declare readonly blockNumber: pulumi.Output<number | undefined>;
  declare readonly deployer: pulumi.Output<string | undefined>;
  /** What the last refresh found wrong, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  /** Compiles and checks a contract and computes its address, before anything is registered or sent. */
  static async prepare(args: ContractPrepareArgs): Promise<PreparedContract> {
    const { contractName } = await loadArtifact(args.artifact);
    const ofTheStack = `cutover/${pulumi.getProject()}/${pulumi.getStack()}/${contractName}`;
    return prepareContract({ ...args, salt: args.salt ?? ofTheStack });
  }

  constructor(name: string, args: ContractArgs, opts?: pulumi.CustomResourceOptions) {
    checkSigner(args.signer, args.network);
    refuseSecond(name, args);
    super(
      thinProvider('@cutover/chain/evm/contract-handler.ts'),
      name,
      {
        ...args.contract,
        network: args.network,
        signer: args.signer,
        codeHash: undefined,
        immutables: undefined,
        transactionHash: undefined,
        blockNumber: undefined,
        deployer: undefined,
        drift: undefined,
      },
      opts,
      'cutover',
      'Contract',
    );
  }
}

const registered = new Map<string, string>();

/** Two resources with one address would each believe that the contract is theirs. */
function refuseSecond(name: string, { contract, network }: ContractArgs): void {
  const key = [pulumi.getProject(), pulumi.getStack(), network.chainId, contract.address].join('/');
  const first = registered.get(key) ?? name;
  registered.set(key, first);
  if (first === name) return;
  const { address } = contract;
  throw new CutoverError('CUT-2023', { first, second: name, address, chainId: network.chainId });
}
