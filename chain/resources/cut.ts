import type * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { checkAuthority, type AuthorityRef } from '../plan/authority/authority.ts';
import type { Progress } from '../plan/authority/progress.ts';
import { checkInitializer, type GivenInitializer } from '../plan/cut/initializer.ts';
import type { CutContext } from '../plan/cut/plan-cut.ts';
import { cutRefusal, printList } from '../plan/cut/problem.ts';
import { functionRecord } from '../plan/cut/record.ts';
import { readWanted, type WantedFacet } from '../plan/cut/wanted.ts';
import type { KeptInitializer, Routes } from '../evm/cut-handler.ts';
import type { CompactLayout } from '../plan/layout/compact.ts';
import type { NetworkArgs } from './deployed-contract.ts';

export interface CutArgs {
  /** The diamond's name, for people. */
  readonly title: string;
  /** The diamond's address: of one of ours, or of one that was there before. */
  readonly diamond: pulumi.Input<string>;
  /** False while the diamond is proposed itself and not there yet: the cut waits as well. @default true */
  readonly ready?: pulumi.Input<boolean>;
  /** What it is to serve, and from where. Prepared facets fit. */
  readonly facets: readonly (Omit<WantedFacet, 'name'> & {
    readonly contract: string;
    readonly layout?: CompactLayout;
  })[];
  /**
   * Changes of storage that are meant, in the words in which a preview names them. Others that would break what the
   * diamond keeps are refused. @default none
   */
  readonly allow?: readonly string[];
  readonly network: NetworkArgs;
  /** Who may cut it. */
  readonly authority: AuthorityRef;
  /** What becomes of functions that it serves and that no facet here wants. @default 'remove' */
  readonly unwanted?: CutContext['unwanted'];
  /** Functions that are never touched, by signature or selector. @default those of the diamond itself */
  readonly untouched?: readonly string[];
  /** What the diamond may be without: `diamondCut` makes it final, without `loupe` it can be planned no more. @default none */
  readonly mayLack?: CutContext['mayLack'];
  /** Code that the diamond runs once, in its own storage, at the end of the first cut that brings it. @default none */
  readonly initializer?: GivenInitializer;
  /** `nothing`: what differs is shown, and nothing is ever sent. @default 'changes' */
  readonly sends?: 'changes' | 'nothing';
}

/**
 * The functions of a diamond (EIP-2535). Each update asks the diamond's loupe what it serves, and cuts what differs:
 * added, replaced and removed selector by selector, as a preview shows. A cut that is too large for a transaction is
 * split so that no function is missing in between. Destroying it leaves the diamond as it is.
 *
 * @example
 * new Cut('gemforce-cut', {
 *   title: 'Gemforce',
 *   diamond: diamond.address,
 *   facets: [cutFacet, loupeFacet, minter],
 *   network,
 *   authority: { kind: 'key', signer },
 * }, { dependsOn: facets });
 */
export class Cut extends ThinResource {
  declare readonly diamond: pulumi.Output<string>;
  /** What the diamond serves by its own loupe: signature -> facet and address. */
  declare readonly serves: pulumi.Output<Routes>;
  /** What it served before the last cut. */
  declare readonly before: pulumi.Output<Routes | undefined>;
  /** How far each call has come that the authority was asked for. */
  declare readonly progress: pulumi.Output<Readonly<Record<string, Progress>>>;
  /** What is otherwise than wanted, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  constructor(name: string, args: CutArgs, opts?: pulumi.CustomResourceOptions) {
    checkAuthority(args.authority);
    const facets = args.facets.map(({ contract, address, functions }) => ({
      name: contract,
      address,
      functions,
    }));
    const diamond = typeof args.diamond === 'string' ? args.diamond : undefined;
    const { problems } = readWanted(facets, diamond);
    if (problems.length > 0) throw cutRefusal(problems, diamond ?? args.title);
    const initializer = initializerOf(args.title, args.initializer);
    super(
      '@cutover/chain/evm/cut-handler.ts',
      name,
      {
        title: args.title,
        diamond: args.diamond,
        ...(args.ready === undefined ? {} : { ready: args.ready }),
        routes: functionRecord(facets),
        unwanted: args.unwanted ?? 'remove',
        untouched: args.untouched ?? [],
        mayLack: args.mayLack ?? [],
        ...(initializer === undefined ? {} : { initializer }),
        layouts: Object.fromEntries(args.facets.map(({ contract, layout }) => [contract, layout ?? null])),
        allow: args.allow ?? [],
        sends: args.sends ?? 'changes',
        network: args.network,
        authority: args.authority,
        serves: undefined,
        before: undefined,
        initialized: undefined,
        progress: undefined,
        drift: undefined,
      },
      opts,
      'Cut',
    );
  }
}

/** An initialiser as resources keep it; one that cannot be sent is refused. */
export function initializerOf(
  diamond: string,
  given: GivenInitializer | undefined,
): KeptInitializer | undefined {
  const checked = checkInitializer(given ?? {});
  switch (checked.kind) {
    case 'none':
      return undefined;
    case 'wrong':
      throw new CutoverError('CUT-2104', {
        diamond,
        count: checked.problems.length,
        list: printList(checked.problems),
      });
    case 'fits':
      return { ...checked.initializer, gas: String(checked.initializer.gas) };
  }
}
