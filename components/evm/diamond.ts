import * as pulumi from '@pulumi/pulumi';
import type { PreparedContract } from '@cutover/chain/evm/prepare.ts';
import type { AuthorityRef } from '@cutover/chain/plan/authority/authority.ts';
import type { GivenInitializer } from '@cutover/chain/plan/cut/initializer.ts';
import { zeroAddress } from '@cutover/chain/plan/cut/selector.ts';
import type { SignerRef } from '@cutover/chain/plan/signer.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import { Cut, type CutArgs } from '@cutover/chain/resources/cut.ts';
import type { ContractArgs, NetworkArgs } from '@cutover/chain/resources/deployed-contract.ts';
import { Facet, type PreparedFacet } from '@cutover/chain/resources/facet.ts';
import { FacetSet } from '@cutover/chain/resources/facet-set.ts';
import { Library } from '@cutover/chain/resources/library.ts';
import { SetDiamond } from '@cutover/chain/resources/set-diamond.ts';

/**
 * Where a diamond comes from.
 * - `own`: a contract of ours, from `Contract.prepare`.
 * - `set`: a factory creates it from a named set of facets.
 * - `adopted`: it is there already, and stays others' as far as nothing is said.
 */
export type DiamondOrigin =
  | { readonly kind: 'own'; readonly contract: PreparedContract }
  | {
      readonly kind: 'set';
      /** The DiamondFactory, from `Contract.prepare`. */
      readonly factory: PreparedContract;
      readonly set: string;
      /** What the set has, from `Facet.prepare`. */
      readonly facets: readonly PreparedFacet[];
      /** Who gets the diamond. */
      readonly admin: string;
    }
  | { readonly kind: 'adopted'; readonly address: string };

export interface DiamondArgs {
  /** For people. */
  readonly title: string;
  readonly origin: DiamondOrigin;
  /** What it serves, from `Facet.prepare`. */
  readonly facets: readonly PreparedFacet[];
  /** Facets that are kept on the chain and served by none: the version before, or the one to come. @default none */
  readonly spare?: readonly PreparedFacet[];
  /** Libraries that facets are linked with, from `Library.prepare`. @default none */
  readonly libraries?: readonly PreparedContract[];
  /** The contract that the initialiser is in, when it is no facet. @default none */
  readonly initializerContract?: PreparedContract;
  /** Run once in the diamond: when a factory creates it, else with the first cut that brings it. @default none */
  readonly initializer?: GivenInitializer;
  readonly network: NetworkArgs;
  /** Who pays for the deployments. */
  readonly signer: SignerRef;
  /** Who may cut the diamond, and write sets of its factory. */
  readonly authority: AuthorityRef;
  /** What becomes of functions that nobody here wants. @default 'remove'; 'keep' for an adopted diamond */
  readonly unwanted?: CutArgs['unwanted'];
  /** Changes of storage that are meant, as a preview names them. @default none */
  readonly allow?: CutArgs['allow'];
  /** Functions that are never touched. @default those of the diamond itself */
  readonly untouched?: readonly string[];
  /** `nothing`: what differs is shown, and no cut is ever sent. @default 'changes' */
  readonly sends?: CutArgs['sends'];
  /** Changes the arguments of the resources below: the way out when an argument is missing here. */
  readonly transform?: {
    readonly contract?: (args: ContractArgs, contract: string) => ContractArgs;
    readonly cut?: (args: CutArgs) => CutArgs;
  };
}

/**
 * A diamond (EIP-2535) with its libraries, facets and cut. All deployments are sent together, what stands on them goes
 * right behind, and only the cut waits until all of it has settled.
 *
 * @example
 * const gemforce = new Diamond('gemforce', {
 *   title: 'Gemforce',
 *   origin: { kind: 'own', contract: await Contract.prepare({ artifact: diamondArtifact, args: { admin, … } }) },
 *   facets: [await Facet.prepare({ artifact: minterArtifact })],
 *   network,
 *   signer,
 *   authority: { kind: 'key', signer },
 * });
 */
export class Diamond extends pulumi.ComponentResource {
  /** The diamond's address once it serves what it should; the zero address while its creation is only proposed. */
  readonly address: pulumi.Output<string>;
  readonly facets: readonly Facet[];
  readonly cut: Cut;
  /** False while its creation is only proposed: what changes it waits as well. */
  readonly ready: pulumi.Output<boolean>;
  /** The changes that somebody may have to approve, by their names. */
  readonly changes: Readonly<Record<string, FacetSet | SetDiamond | Cut>>;

  constructor(name: string, args: DiamondArgs, opts?: pulumi.ComponentResourceOptions) {
    super('cutover:evm:Diamond', name, {}, opts);
    const child = childOptions(this, opts);
    const describe = describer(name, args);

    const libraries = (args.libraries ?? []).map((each) => new Library(...describe(each), child));
    this.facets = distinct([...args.facets, ...(args.spare ?? []), ...setFacets(args.origin)]).map(
      (each) => new Facet(...describe(each), child),
    );
    const { initializerContract } = args;
    const initializers =
      initializerContract === undefined
        ? []
        : [new Contract(...describe(initializerContract, { settles: 'later' }), child)];
    const parts = [...libraries, ...this.facets, ...initializers];
    const { address, resources, created } = describeOrigin(name, args, parts, child);
    this.ready = created === undefined ? pulumi.output(true) : created.diamond.exists;

    const { origin, initializer } = args;
    const cut: CutArgs = {
      title: args.title,
      diamond: address,
      ...(created === undefined ? {} : { ready: this.ready }),
      facets: args.facets,
      network: args.network,
      authority: args.authority,
      unwanted: args.unwanted ?? (origin.kind === 'adopted' ? 'keep' : 'remove'),
      ...(args.untouched === undefined ? {} : { untouched: args.untouched }),
      ...(initializer === undefined || origin.kind === 'set' ? {} : { initializer }),
      ...(args.allow === undefined ? {} : { allow: args.allow }),
      ...(args.sends === undefined ? {} : { sends: args.sends }),
    };
    this.cut = new Cut(`${name}-cut`, args.transform?.cut?.(cut) ?? cut, {
      ...child,
      dependsOn: [...parts, ...resources],
    });
    this.address = pulumi
      .all([this.ready, this.cut.diamond])
      .apply(([ready, diamond]) => (ready === false ? zeroAddress : diamond));
    this.changes = {
      ...(created === undefined
        ? {}
        : { [`${name}-set`]: created.set, [`${name}-diamond`]: created.diamond }),
      [`${name}-cut`]: this.cut,
    };
    this.registerOutputs({ address: this.address, serves: this.cut.serves });
  }
}

/** The diamond itself, and the resources that bring it. */
function describeOrigin(
  name: string,
  args: DiamondArgs,
  parts: readonly pulumi.Resource[],
  child: pulumi.CustomResourceOptions,
): {
  readonly address: pulumi.Input<string>;
  readonly resources: readonly pulumi.Resource[];
  /** Where a factory creates it: what its admin has to agree to before there is anything to cut. */
  readonly created?: { readonly set: FacetSet; readonly diamond: SetDiamond };
} {
  const { origin, title, network, authority, initializer } = args;
  switch (origin.kind) {
    case 'adopted':
      return { address: origin.address, resources: [] };
    case 'own': {
      const [, contract] = describer(name, args)(origin.contract, { settles: 'later', keeps: 'state' });
      // Its first cut names facets, and they must have code by then.
      const diamond = new Contract(`${name}-diamond`, contract, { ...child, dependsOn: [...parts] });
      return { address: origin.contract.address, resources: [diamond] };
    }
    case 'set': {
      const { set, admin } = origin;
      const [, contract] = describer(name, args)(origin.factory, { settles: 'later', keeps: 'state' });
      const factory = new Contract(`${name}-factory`, contract, child);
      const common = { factory: origin.factory.address, set, network, authority };
      const facetSet = new FacetSet(
        `${name}-set`,
        { ...common, facets: origin.facets },
        { ...child, dependsOn: [...parts, factory] },
      );
      const diamond = new SetDiamond(
        `${name}-diamond`,
        { ...common, title, admin, ...(initializer === undefined ? {} : { initializer }) },
        { ...child, dependsOn: [facetSet] },
      );
      return {
        address: diamond.address,
        resources: [factory, facetSet, diamond],
        created: { set: facetSet, diamond },
      };
    }
  }
}

/** How a contract of this diamond is described: its name, and its arguments after the transform. */
function describer(
  name: string,
  { network, signer, transform }: DiamondArgs,
): (contract: PreparedContract, more?: Partial<ContractArgs>) => [name: string, args: ContractArgs] {
  return (contract, more = {}) => {
    const described: ContractArgs = { contract, network, signer, ...more };
    return [
      `${name}-${dashed(contract.contract)}`,
      transform?.contract?.(described, contract.contract) ?? described,
    ];
  };
}

/** What the component waits for, each of its parts waits for too: the engine does not hand that down. */
function childOptions(
  parent: pulumi.Resource,
  opts: pulumi.ComponentResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  return { parent, ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }) };
}

function setFacets(origin: DiamondOrigin): readonly PreparedFacet[] {
  return origin.kind === 'set' ? origin.facets : [];
}

function distinct(facets: readonly PreparedFacet[]): readonly PreparedFacet[] {
  return [...new Map(facets.map((facet) => [facet.address, facet])).values()];
}

/** MinterFacet -> minter-facet. */
function dashed(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}
