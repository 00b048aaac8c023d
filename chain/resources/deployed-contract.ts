import * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { SecretRef } from '@cutover/base/secrets.ts';
import { checkSigner } from '../evm/account.ts';
import { loadArtifact } from '../evm/artifacts.ts';
import { prepareContract, type PrepareArgs, type PreparedContract } from '../evm/prepare.ts';
import type { FeePolicy } from '../plan/fees.ts';
import type { Notifications } from '../plan/notifications.ts';
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
  /** @default the majority of the endpoints that are well, 1 on local chains */
  readonly quorum?: number;
  /** @default operators are told on the terminal alone */
  readonly notifications?: Notifications;
  /** @default the chain's own figures, and no ceiling */
  readonly fees?: FeePolicy;
}

export interface ContractArgs {
  /** From `prepare`: checked, compiled, with its address known. Some say themselves that they keep state. */
  readonly contract: PreparedContract & Pick<ContractArgs, 'keeps'>;
  readonly network: NetworkArgs;
  /** Who pays for the deployment. It gets no rights: give those in the constructor arguments. */
  readonly signer: SignerRef;
  /**
   * `here`: it is as deep in the chain as the network wants it before anything that depends on it is touched. `later`:
   * it is on its way, and what stands on it waits for it; what is sent at once then settles at once.
   * @default 'here'; for libraries and facets 'later'
   */
  readonly settles?: 'here' | 'later';
  /**
   * `state`: another address would leave its state behind, so what would move it is refused.
   * @default 'nothing'; for proxies 'state'
   */
  readonly keeps?: 'nothing' | 'state';
}

/** As `prepareContract`, with a salt of the stack's own. */
export type ContractPrepareArgs = Omit<PrepareArgs, 'salt'> & {
  /** @default made of the project, the stack and the contract's name, so that stacks on one chain share nothing */
  readonly salt?: string;
};

/** Compiles and checks a contract and computes its address, before anything is registered or sent. */
export async function prepareForStack(args: ContractPrepareArgs): Promise<PreparedContract> {
  const { contractName } = await loadArtifact(args.artifact);
  const ofTheStack = `cutover/${pulumi.getProject()}/${pulumi.getStack()}/${contractName}`;
  return prepareContract({ ...args, salt: args.salt ?? ofTheStack });
}

/** What contracts, libraries and facets have in common as resources. */
export abstract class DeployedContract extends ThinResource {
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

  constructor(type: string, name: string, args: ContractArgs, opts?: pulumi.CustomResourceOptions) {
    checkSigner(args.signer, args.network);
    refuseSecond(name, args);
    const { contract, artifact, address, initCodeHash, salt, libraries, expects } = args.contract;
    super(
      '@cutover/chain/evm/contract-handler.ts',
      name,
      {
        ...{ contract, artifact, address, initCodeHash, salt, libraries, expects },
        args: args.contract.args,
        network: args.network,
        signer: args.signer,
        ...(args.settles === 'later' ? { settles: 'later' } : {}),
        ...((args.keeps ?? args.contract.keeps) === 'state' ? { keeps: 'state' } : {}),
        codeHash: undefined,
        immutables: undefined,
        transactionHash: undefined,
        blockNumber: undefined,
        deployer: undefined,
        drift: undefined,
      },
      opts,
      type,
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
