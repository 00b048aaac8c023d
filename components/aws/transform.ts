import * as pulumi from '@pulumi/pulumi';
import { nameProblem, refuseProblems } from './problems.ts';
import type { Site } from './site.ts';

/** Changes the arguments or options of a child: the way out when an argument is missing in its component. */
export type Transform<Args> = (
  args: Args,
  opts: pulumi.CustomResourceOptions,
  /** Which one of several: `private-b`. */
  part: string,
) => readonly [Args, pulumi.CustomResourceOptions];

/** One hook for each kind of child. `Children` names the arguments of each: `{ vpc: VpcArgs; subnet: SubnetArgs }`. */
export type Transforms<Children> = { readonly [Child in keyof Children]?: Transform<Children[Child]> };

/** What every component of AWS takes beside its own arguments. */
export interface AwsArgs<Children> {
  /** Where and for whom it is: account, region, environment, system. */
  readonly site: Site;
  /** Changes the arguments or options of children, by their kind: the way out when an argument is missing here. */
  readonly transform?: Transforms<Children>;
}

/** How a component describes one child. */
export type Describe<Children> = <Child extends keyof Children & string, Described extends pulumi.Resource>(
  child: Child,
  type: new (name: string, args: Children[Child], opts?: pulumi.CustomResourceOptions) => Described,
  args: Children[Child],
  more?: {
    /** Which one of several. @default the child's own name, `internet-gateway` */
    readonly part?: string;
    readonly opts?: Omit<pulumi.CustomResourceOptions, 'parent' | 'provider'>;
  },
) => Described;

/**
 * How a regional thing is named in the program. A region is no part of a resource's URN, so it is part of its name:
 * the same component in two regions does not collide, and one that moves is a new one.
 */
export function regionalName(name: string, { region }: Pick<Site, 'region'>, part?: string): string {
  return [name, part, region].filter((each) => each !== undefined).join('-');
}

/**
 * What a component describes its children with: named `${name}-${part}-${region}`, with the site's provider, after
 * the caller's transform. What the component waits for (`dependsOn`) its children wait for too: the engine does not
 * hand that down. The parent cannot be changed. Children of what has no region are named without one.
 */
export function describer<Children>(
  parent: pulumi.ComponentResource,
  name: string,
  { site, transform }: AwsArgs<Children>,
  opts: pulumi.ComponentResourceOptions | undefined,
  scope: 'regional' | 'global' = 'regional',
): Describe<Children> {
  const common: pulumi.CustomResourceOptions = {
    parent,
    provider: site.provider,
    ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
  };
  return (child, Type, args, { part = dashed(child), opts: own = {} } = {}) => {
    const childOpts = pulumi.mergeOptions(common, own);
    const [finalArgs, finalOpts] = transform?.[child]?.(args, childOpts, part) ?? [args, childOpts];
    // A component below a component adds its region itself.
    const named = scope === 'global' || Type.prototype instanceof pulumi.ComponentResource;
    const childName = named ? `${name}-${part}` : regionalName(name, site, part);
    return new Type(childName, finalArgs, { ...finalOpts, parent });
  };
}

/** The site's tags with the name that consoles show. */
export function tagsOf(site: Site, name: string, part?: string): Record<string, string> {
  return { ...site.tags, Name: part === undefined ? name : `${name}-${part}` };
}

/** Refuses a component with a wrong name or wrong arguments, before anything is registered. */
export function refuseWrong(
  component: string,
  name: string,
  problems: readonly (string | undefined)[] = [],
  /** How long its name may be, where parts of it are components too. */
  longest?: number,
): void {
  refuseProblems(component, name, [nameProblem(name, longest), ...problems]);
}

/** internetGateway -> internet-gateway. */
function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}
