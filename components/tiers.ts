import * as pulumi from '@pulumi/pulumi';
import { CutoverError } from '@cutover/base/errors.ts';
import { HealthGate, type GateOptions } from '@cutover/delivery/resources/health-gate.ts';

/** The tiers of a system, in the order in which a release goes through them. */
export const tierOrder = ['contracts', 'database', 'backend', 'frontend'] as const;

export type TierName = (typeof tierOrder)[number];

/** What a tier's function returns: its gate, and whatever later tiers and the outputs use. */
export interface TierParts {
  /** What must be healthy before the next tier is touched. Left out: the next tier waits for the resources alone. */
  readonly gate?: GateOptions | undefined;
  readonly [part: string]: unknown;
}

/** What a tier's function is given, beside what the tiers before it returned. */
export interface TierScope {
  /** Options for each resource of the tier. Its parent is enough: the order comes with it. */
  readonly opts: { readonly parent: pulumi.ComponentResource };
}

/** What stays of a tier once it is built: what its function returned, with the gate itself in place of its description. */
export type BuiltTier<Parts extends TierParts> = Omit<Parts, 'gate'> & {
  readonly gate: HealthGate | undefined;
};

type Later<Name extends TierName> = Name extends 'contracts'
  ? 'database' | 'backend' | 'frontend'
  : Name extends 'database'
    ? 'backend' | 'frontend'
    : Name extends 'backend'
      ? 'frontend'
      : never;

/** A system under construction: the tiers that may still come, and `done`. */
export type Tiers<Built, Open extends TierName> = {
  readonly [Name in Open]: <Parts extends TierParts>(
    build: (tier: TierScope & Built) => Parts,
  ) => Tiers<Built & { readonly [Each in Name]: BuiltTier<Parts> }, Later<Name>>;
} & {
  /** Closes the system and registers its outputs. */
  done(outputs?: (built: Built) => pulumi.Inputs): Built & { readonly component: System };
};

/** A platform: the parent of its tiers and the gates between them. */
export class System extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super(`cutover:system:${typeName(name)}`, name, {}, opts);
  }

  /** Registers the outputs. Called once, when all tiers stand. */
  close(outputs: pulumi.Inputs): void {
    this.registerOutputs(outputs);
  }
}

/** One tier of a system. Every resource below it, at any depth, waits for what is given as `after`. */
class Tier extends pulumi.ComponentResource {
  constructor(name: string, system: System, after: readonly pulumi.Resource[]) {
    super('cutover:system:Tier', name, {}, { parent: system, transformations: [waitFor(after)] });
  }

  /** Says that the tier's resources are all described. */
  close(): void {
    this.registerOutputs({});
  }
}

/**
 * Describes a system tier by tier. Each tier is touched only after the gate of the one before it has passed; tiers
 * that a system does not have are left out. Destroying goes the other way round.
 *
 * @example
 * tiers('meta-aggregator')
 *   .contracts(({ opts }) => {
 *     const escrow = new Contract('meta-aggregator-escrow', { … }, opts);
 *     return { escrow, gate: { checks: [{ kind: 'jsonRpc', url, method: 'eth_getCode', … }] } };
 *   })
 *   .database(({ opts }) => ({ orders: new SqliteMigrations('meta-aggregator-orders', { … }, opts) }))
 *   .backend(({ opts, contracts }) => {
 *     const api = new Process('meta-aggregator-api', { env: { ESCROW: contracts.escrow.address } }, opts);
 *     return { api, gate: { checks: [{ kind: 'http', url: health }], triggers: [api.startedAt] } };
 *   })
 *   .done(({ contracts }) => ({ escrow: contracts.escrow.address }));
 */
export function tiers(name: string, opts?: pulumi.ComponentResourceOptions): Tiers<unknown, TierName> {
  const system = new System(name, opts);
  const built: Partial<Record<TierName, object>> = {};
  let after: readonly pulumi.Resource[] = [];
  let closed = false;

  const build = (tierName: TierName, describe: (tier: TierScope) => TierParts): object => {
    refuseDisorder(name, tierName, built, closed);
    const tier = new Tier(`${name}-${tierName}`, system, after);
    const { gate: description, ...parts } = describe({ ...built, opts: { parent: tier } });
    tier.close();
    const gate =
      description === undefined
        ? undefined
        : new HealthGate(
            `${name}-${tierName}-gate`,
            { ...description, system: name, tier: tierName },
            { parent: system, dependsOn: [tier, ...after] },
          );
    built[tierName] = { ...parts, gate };
    after = gate === undefined ? [tier, ...after] : [gate];
    return builder;
  };

  const builder = {
    contracts: build.bind(undefined, 'contracts'),
    database: build.bind(undefined, 'database'),
    backend: build.bind(undefined, 'backend'),
    frontend: build.bind(undefined, 'frontend'),
    done: (outputs?: (all: unknown) => pulumi.Inputs) => {
      closed = true;
      system.close(outputs?.(built) ?? {});
      return { ...built, component: system };
    },
  };
  // Which tier may follow which, and what each is given, is the type's part: it is known only at the calls.
  return builder as unknown as Tiers<unknown, TierName>;
}

/** Makes every resource below a tier depend on what stands before the tier, whether its author thought of it or not. */
function waitFor(after: readonly pulumi.Resource[]): pulumi.ResourceTransformation {
  return ({ props, opts, type }) =>
    type === 'cutover:system:Tier'
      ? undefined
      : { props, opts: pulumi.mergeOptions(opts, { dependsOn: [...after] }) };
}

/** The types already refuse a tier out of order; this is for who keeps a builder and goes on from it twice. */
function refuseDisorder(system: string, tier: TierName, built: object, closed: boolean): void {
  const problem = closed
    ? `${tier} comes after done()`
    : tierOrder
        .slice(tierOrder.indexOf(tier))
        .filter((each) => each in built)
        .map((each) => (each === tier ? `${tier} is described twice` : `${tier} comes after ${each}`))[0];
  if (problem !== undefined) throw new CutoverError('CUT-4203', { system, problem });
}

function typeName(name: string): string {
  return name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}
