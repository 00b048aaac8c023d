import * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { loadArtifact } from '../evm/artifacts.ts';
import { prepareContract, type PreparedContract } from '../evm/prepare.ts';
import { checkAuthority, type AuthorityRef } from '../plan/authority/authority.ts';
import type { Progress } from '../plan/authority/progress.ts';
import { checkCall, type CheckedCall, type GivenCall } from '../plan/call.ts';
import { printList } from '../plan/cut/problem.ts';
import { checkAddresses } from '../plan/given-address.ts';
import {
  traitsOf,
  type KnownImplementation,
  type WantedImplementation,
} from '../plan/proxy/implementation.ts';
import type { ProxyKind } from '../plan/proxy/plan-proxy.ts';
import { prepareForStack, type ContractPrepareArgs, type NetworkArgs } from './deployed-contract.ts';

export interface ProxyPrepareArgs {
  /** The proxy's name, for people; two of one stack have different ones. */
  readonly title: string;
  readonly kind: ProxyKind;
  /**
   * Who brings the first implementation: the account of the authority. With `transparent` it owns the ProxyAdmin; with
   * `uups` the first implementation decides who comes after it.
   */
  readonly owner: string;
  /** @default made of the project, the stack and the title */
  readonly salt?: string;
}

/** A proxy before anything is sent. What it holds would be lost with its address, so that is never moved. */
export interface PreparedProxy extends PreparedContract {
  readonly keeps: 'state';
}

/** An implementation before anything is sent: its contract, what is run with an upgrade to it, how it stores. */
export interface PreparedImplementation
  extends PreparedContract, Omit<WantedImplementation, keyof PreparedContract> {}

export type ImplementationPrepareArgs = ContractPrepareArgs & {
  /** Run once, in the transaction that makes it the proxy's first implementation. @default nothing */
  readonly initialize?: GivenCall;
  /** Run in the transaction that brings it in place of another implementation. @default nothing */
  readonly migrate?: GivenCall;
};

export interface ProxyArgs {
  /** The proxy's name, for people. */
  readonly title: string;
  /** Its address: of one from `Proxy.prepare`, or of one that others deployed. */
  readonly proxy: pulumi.Input<string>;
  /** Who upgrades it: the implementation itself (UUPS), or its ProxyAdmin. */
  readonly kind: ProxyKind;
  /** What is to stand behind it: from `Proxy.implementation`, or by the address of one that is on the chain. */
  readonly implementation: WantedImplementation;
  /** Findings about storage that are meant, as the error that refuses them spells them. @default none */
  readonly allow?: readonly string[];
  readonly network: NetworkArgs;
  /** Who may upgrade it. */
  readonly authority: AuthorityRef;
}

/**
 * What stands behind a proxy (ERC-1967). An upgrade is previewed with what it does to the storage, sent with the call
 * that migrates it in one transaction, and refused where the storage would be read as something else. To go back, want
 * the implementation in `before`.
 *
 * The address of a proxy from `Proxy.prepare` has nothing of an implementation in it: the proxy is created with one
 * that can do nothing but be upgraded by its owner. So no release, and no new compiler for it, moves the proxy, and
 * there is no first implementation that would have to be kept for ever.
 *
 * @example
 * const vault = await Proxy.prepare({ title: 'Vault', kind: 'uups', owner: safe });
 * const v1 = await Proxy.implementation({
 *   artifact: { kind: 'source', source: 'chain/contracts/vault/Vault.sol', contract: 'Vault' },
 *   initialize: { function: 'initialize', args: { owner: safe } },
 * });
 * const parts = [
 *   new Contract('vault', { contract: vault, network, signer }),
 *   new Contract('vault-v1', { contract: v1, network, signer }),
 * ];
 * new Proxy('vault-implementation', {
 *   title: 'Vault', proxy: vault.address, kind: 'uups', implementation: v1, network, authority,
 * }, { dependsOn: parts });
 */
export class Proxy extends ThinResource {
  declare readonly proxy: pulumi.Output<string>;
  /** What stands behind it by the chain. */
  declare readonly serves: pulumi.Output<KnownImplementation>;
  /** What stood behind it before the last upgrade. */
  declare readonly before: pulumi.Output<KnownImplementation | undefined>;
  declare readonly admin: pulumi.Output<string | undefined>;
  /** Who owns the ProxyAdmin. */
  declare readonly adminOwner: pulumi.Output<string | undefined>;
  /** How far each call has come that the authority was asked for. */
  declare readonly progress: pulumi.Output<Readonly<Record<string, Progress>>>;
  /** What is otherwise than wanted, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  /** Compiles a proxy of OpenZeppelin and computes its address, which no implementation is part of. */
  static async prepare({ title, kind, owner, salt }: ProxyPrepareArgs): Promise<PreparedProxy> {
    checkAddresses(title, { owner });
    const contract = kind === 'uups' ? 'UupsProxy' : 'TransparentProxy';
    const artifact = { kind: 'source', source: `chain/contracts/proxy/${contract}.sol`, contract } as const;
    const ofTheStack = `cutover/${pulumi.getProject()}/${pulumi.getStack()}/${title}`;
    const prepared = await prepareContract({ artifact, args: { owner }, salt: salt ?? ofTheStack });
    return { ...prepared, keeps: 'state' };
  }

  /** Compiles and checks an implementation, and the calls that are to run with an upgrade to it. */
  static async implementation(args: ImplementationPrepareArgs): Promise<PreparedImplementation> {
    const { initialize, migrate, ...contract } = args;
    const prepared = await prepareForStack(contract);
    const { abi, storageLayout } = await loadArtifact(args.artifact);
    const calls = Object.entries({ initialize, migrate }).flatMap(([name, given]) =>
      given === undefined ? [] : [[name, checkCall(abi, given)] as const],
    );
    const problems = calls.flatMap(([name, check]) =>
      check.kind === 'wrong' ? [`${name}: ${check.problem}`] : [],
    );
    if (problems.length > 0) {
      throw new CutoverError('CUT-2346', { name: prepared.contract, list: printList(problems) });
    }
    const fitting = calls.flatMap(([name, check]) => (check.kind === 'fits' ? [[name, check.call]] : []));
    return {
      ...prepared,
      ...traitsOf(abi),
      ...(storageLayout === undefined ? {} : { layout: storageLayout }),
      ...(Object.fromEntries(fitting) as Partial<Record<'initialize' | 'migrate', CheckedCall>>),
    };
  }

  constructor(name: string, args: ProxyArgs, opts?: pulumi.CustomResourceOptions) {
    const { title, proxy, kind, allow, network, authority } = args;
    checkAuthority(authority);
    checkAddresses(name, { proxy, 'implementation.address': args.implementation.address });
    const { contract, address, layout, uups, initializable, initialize, migrate } = args.implementation;
    super(
      '@cutover/chain/evm/proxy-handler.ts',
      name,
      {
        ...{ title, proxy, kind, network, authority },
        implementation: { contract, address, layout, uups, initializable, initialize, migrate },
        allow: allow ?? [],
        serves: undefined,
        before: undefined,
        admin: undefined,
        adminOwner: undefined,
        progress: undefined,
        drift: undefined,
      },
      opts,
      'Proxy',
    );
  }
}
