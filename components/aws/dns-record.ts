import { HealthCheck, type HealthCheckArgs } from '@pulumi/aws/route53/healthCheck.js';
import { Record as ZoneRecord, type RecordArgs } from '@pulumi/aws/route53/record.js';
import * as pulumi from '@pulumi/pulumi';
import { routingArgs, routingProblems, type Routing } from './dns-routing.ts';
import type { DnsZone } from './dns-zone.ts';
import { domainProblem, isWithin } from './domain-name.ts';
import { describer, refuseWrong, tagsOf, type AwsArgs } from './transform.ts';

/** The children of a record and their arguments, for `transform`. */
export interface DnsRecordChildren {
  record: RecordArgs;
  healthCheck: HealthCheckArgs;
}

/** What a name leads to: a load balancer or the like by alias, or plain values. */
export type DnsTarget =
  | {
      readonly kind: 'alias';
      /** A load balancer as a whole. */
      readonly to: { readonly dnsName: pulumi.Input<string>; readonly zoneId: pulumi.Input<string> };
    }
  | {
      readonly kind: 'values';
      readonly type: 'A' | 'AAAA' | 'CNAME' | 'TXT' | 'MX' | 'CAA';
      readonly values: readonly pulumi.Input<string>[];
      /** @default 60 */
      readonly ttlSeconds?: number;
    };

/** What Route 53 asks from outside, over HTTPS. */
export interface DnsHealth {
  /** The host that is asked; it must be one that leads here whatever the record says. */
  readonly host: string;
  /** @default '/health' */
  readonly path?: string;
  /** @default 443 */
  readonly port?: number;
  /** Seconds between two questions of one checker; 10 costs more. @default 30 */
  readonly intervalSeconds?: 10 | 30;
  /** Failed answers in a row until it counts as ill. @default 3 */
  readonly failures?: number;
  /** Takes it for ill while it is well, and the reverse: how a failover is forced. `disabled` would mean healthy. @default false */
  readonly inverted?: boolean;
}

export interface DnsRecordArgs extends AwsArgs<DnsRecordChildren> {
  readonly zone: DnsZone;
  /** The full name: `api.coinestate.io`. */
  readonly host: string;
  readonly target: DnsTarget;
  /** Which of several records of the name answers. @default simple */
  readonly routing?: Routing;
  /** Asked whether it is to answer at all. @default not asked */
  readonly health?: DnsHealth;
}

/**
 * A name in a zone, and which of several answers to it. With a health check, an ill one is left out.
 *
 * @example
 * new DnsRecord('coinestate-api-primary', {
 *   site, zone, host: 'api.coinestate.io',
 *   target: { kind: 'alias', to: balancer },
 *   routing: { kind: 'failover', role: 'primary' },
 *   health: { host: 'us-api.coinestate.io' },
 * });
 */
export class DnsRecord extends pulumi.ComponentResource {
  readonly host: string;
  readonly record: ZoneRecord;
  readonly healthCheck?: HealthCheck;

  constructor(name: string, args: DnsRecordArgs, opts?: pulumi.ComponentResourceOptions) {
    const { site, zone, host, target, routing = { kind: 'simple' }, health } = args;
    refuseWrong('DNS record', name, [
      domainProblem('host', host),
      isWithin(host, zone.domain) ? undefined : `host: ${host} is not in the zone ${zone.domain}`,
      target.kind === 'values' && target.values.length === 0 ? 'target.values: give one at least' : undefined,
      target.kind === 'values' && target.type === 'CNAME' && host === zone.domain
        ? `target: a CNAME cannot stand at ${host} itself, where other records are; use an alias`
        : undefined,
      ...routingProblems(routing, health !== undefined),
      ...healthProblems(health),
      health?.host === host && routing.kind !== 'simple'
        ? `health.host: ${host} leads to whichever is healthy; ask a host that always leads here`
        : undefined,
    ]);
    super('cutover:aws:DnsRecord', name, {}, opts);
    const describe = describer(this, name, args, opts, 'global');

    if (health !== undefined) {
      const { path = '/health', port = 443, intervalSeconds = 30, failures = 3, inverted = false } = health;
      this.healthCheck = describe(
        'healthCheck',
        HealthCheck,
        {
          type: 'HTTPS',
          fqdn: health.host,
          port,
          resourcePath: path,
          requestInterval: intervalSeconds,
          failureThreshold: failures,
          enableSni: true,
          invertHealthcheck: inverted,
          measureLatency: true,
          tags: tagsOf(site, name),
        },
        { part: 'health' },
      );
    }
    this.host = host;
    this.record = describe('record', ZoneRecord, {
      zoneId: zone.id,
      name: host,
      ...(target.kind === 'alias'
        ? {
            type: 'A',
            aliases: [{ name: target.to.dnsName, zoneId: target.to.zoneId, evaluateTargetHealth: true }],
          }
        : { type: target.type, records: [...target.values], ttl: target.ttlSeconds ?? 60 }),
      ...routingArgs(routing, name),
      ...(this.healthCheck === undefined ? {} : { healthCheckId: this.healthCheck.id }),
    });
    this.registerOutputs({ host, healthCheckId: this.healthCheck?.id });
  }
}

function healthProblems(health: DnsHealth | undefined): (string | undefined)[] {
  if (health === undefined) return [];
  const { path = '/health', failures = 3 } = health;
  return [
    domainProblem('health.host', health.host),
    path.startsWith('/') ? undefined : `health.path: "${path}" must begin with /`,
    Number.isInteger(failures) && failures >= 1 && failures <= 10
      ? undefined
      : `health.failures: ${failures} is not a whole number from 1 to 10`,
  ];
}
