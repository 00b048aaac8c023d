import { Zone, type ZoneArgs } from '@pulumi/aws/route53/zone.js';
import * as pulumi from '@pulumi/pulumi';
import { domainProblem } from './domain-name.ts';
import { statefulOptions } from './site.ts';
import { describer, refuseWrong, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a zone and their arguments, for `transform`. */
export interface DnsZoneChildren {
  zone: ZoneArgs;
}

export interface DnsZoneArgs extends AwsArgs<DnsZoneChildren> {
  /** `coinestate.io`. */
  readonly domain: string;
  /**
   * Whether it is made here, or somebody else's whose id is known. After one is made, its name servers are entered
   * where the domain is registered. @default own
   */
  readonly origin?: { readonly kind: 'own' } | { readonly kind: 'found'; readonly id: string };
}

/**
 * The names of a domain, in Route 53. Its records are described by who needs them: DnsRecord, Certificate.
 *
 * @example
 * const zone = new DnsZone('coinestate', { site, domain: 'coinestate.io', origin: { kind: 'found', id: 'Z0123456789ABC' } });
 */
export class DnsZone extends pulumi.ComponentResource {
  readonly domain: string;
  readonly id: pulumi.Output<string>;
  /** What the domain's registrar must name; empty for a zone that was found. */
  readonly nameServers: pulumi.Output<string[]>;

  constructor(name: string, args: DnsZoneArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, domain, origin = { kind: 'own' } } = args;
    refuseWrong('DNS zone', name, [
      domainProblem('domain', domain),
      origin.kind === 'found' && !/^Z[A-Z0-9]{5,31}$/.test(origin.id)
        ? `origin.id: "${origin.id}" is no id of a zone; it is a Z and capitals and digits`
        : undefined,
    ]);
    super('cutover:aws:DnsZone', name, {}, opts);
    this.domain = domain;
    if (origin.kind === 'found') {
      this.id = pulumi.output(origin.id);
      this.nameServers = pulumi.output([]);
    } else {
      const zone = describer(
        this,
        name,
        args,
        opts,
        'global',
      )(
        'zone',
        Zone,
        {
          name: domain,
          comment: `${site.system} ${site.environment}`,
          forceDestroy: false,
          tags: tagsOf(site, name),
        },
        // Another zone of the same name gets other name servers, and the registrar does not know them.
        { opts: statefulOptions(site) },
      );
      this.id = zone.zoneId;
      this.nameServers = zone.nameServers;
    }
    this.registerOutputs({ domain, id: this.id, nameServers: this.nameServers });
  }
}
