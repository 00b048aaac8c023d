import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { PreparedContract } from '../evm/prepare.ts';
import { addressProblem, explorerProblems, type ExplorerRef } from '../plan/verification/explorer.ts';
import type { Reports } from '../plan/verification/tasks.ts';
import type { NetworkArgs } from './deployed-contract.ts';

/** A contract whose sources are to be shown. */
export interface ContractToVerify {
  /** From `prepare`. */
  readonly contract: PreparedContract;
  /**
   * Where it is, when that is told only by an update: a factory creates it. The zero address: not there yet.
   * @default the address that was prepared
   */
  readonly address?: pulumi.Input<string>;
  /** Hash of the transaction that deployed it: Sourcify then compares the creation code, too. @default none */
  readonly creationTransaction?: pulumi.Input<string | undefined>;
  /** What it delegates to, when it is a proxy: the explorer then shows that contract's functions. @default none */
  readonly implementation?: pulumi.Input<string>;
}

export interface VerificationArgs {
  readonly contracts: readonly ContractToVerify[];
  /** Only its name and chain id are used: explorers are asked, not nodes. */
  readonly network: Pick<NetworkArgs, 'name' | 'chainId'>;
  readonly explorers: readonly ExplorerRef[];
  /** How long an update waits for all explorers together; what is not done by then is done by the next. @default 60 */
  readonly patienceSeconds?: number;
}

/**
 * Sources of contracts at explorers, from the exact input that was compiled, with libraries, constructor arguments and
 * proxies. An explorer that fails never fails the update: it is told as a warning, and a later update tries again.
 *
 * @example
 * new Verification('escrow-sources', {
 *   contracts: [{ contract: prepared, creationTransaction: escrow.transactionHash }],
 *   network,
 *   explorers: [
 *     { kind: 'etherscan', apiKey: { kind: 'env', name: 'ETHERSCAN_API_KEY' } },
 *     { kind: 'sourcify' },
 *   ],
 * }, { dependsOn: [escrow] });
 */
export class Verification extends ThinResource {
  /** How far each contract is with each explorer: status, since when, reason, where to look. */
  declare readonly reports: pulumi.Output<Reports>;

  constructor(name: string, args: VerificationArgs, opts?: pulumi.CustomResourceOptions) {
    const patienceSeconds = args.patienceSeconds ?? 60;
    const problems = [
      ...explorerProblems(args.explorers),
      ...args.contracts.flatMap(contractProblems),
      ...(Number.isFinite(patienceSeconds) && patienceSeconds > 0
        ? []
        : ['patienceSeconds: not a number above 0']),
    ];
    if (problems.length > 0) {
      throw new CutoverError('CUT-2300', { name, list: problems.map((each) => `  - ${each}`).join('\n') });
    }
    super(
      '@cutover/chain/evm/verification-handler.ts',
      name,
      {
        contracts: args.contracts.map(inputsOf),
        network: { name: args.network.name, chainId: args.network.chainId },
        explorers: args.explorers,
        patienceSeconds,
        reports: undefined,
      },
      opts,
      'Verification',
    );
  }
}

function contractProblems(
  { contract, creationTransaction, implementation }: ContractToVerify,
  index: number,
  all: readonly ContractToVerify[],
): string[] {
  const at = `contracts[${index}]`;
  const problems: string[] = [];
  if (all.findIndex((other) => other.contract.address === contract.address) < index) {
    problems.push(`${at}: ${contract.contract} at ${contract.address} is there twice`);
  }
  const wrong = typeof implementation === 'string' ? addressProblem(implementation) : undefined;
  if (wrong !== undefined) problems.push(`${at}.implementation: ${wrong}`);
  if (typeof creationTransaction === 'string' && !/^0x[0-9a-fA-F]{64}$/.test(creationTransaction)) {
    problems.push(`${at}.creationTransaction: not the hash of a transaction, 0x and 64 hexadecimal digits`);
  }
  return problems;
}

function inputsOf(given: ContractToVerify): object {
  const { contract, artifact, address, initCodeHash, args, libraries } = given.contract;
  const { creationTransaction, implementation } = given;
  return {
    ...{ contract, artifact, address: given.address ?? address, initCodeHash, args, libraries },
    ...(creationTransaction === undefined ? {} : { creationTransaction }),
    ...(implementation === undefined ? {} : { implementation }),
  };
}
