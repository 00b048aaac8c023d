import { byName, once } from '@cutover/base/once.ts';
import { Provider } from '@pulumi/aws/provider.js';
import { auditAlarmsName, boundaryArn, trailLogGroup } from '../components/aws/account-place.ts';
import { breakGlassName, roleArn } from '../components/aws/account-roles.ts';
import { AlarmReceivers } from '../components/aws/alarm-receivers.ts';
import type { Receiver } from '../components/aws/alarm-routes.ts';
import { AuditAlarms } from '../components/aws/audit-alarms.ts';
import { Cluster } from '../components/aws/cluster.ts';
import { DnsZone } from '../components/aws/dns-zone.ts';
import { EncryptionKey } from '../components/aws/encryption-key.ts';
import { Network } from '../components/aws/network.ts';
import { PrivateBucket } from '../components/aws/private-bucket.ts';
import { siteOf, type Site } from '../components/aws/site.ts';
import type { CutoverConfig } from './config.ts';
import { homeRegion } from './config/home-region.ts';
import { zoneNameOf } from './config/zones.ts';

/** What systems share in one region. A part is made when the first system asks for it, and only then. */
export interface CloudRegion {
  /** The region as one system sees it. */
  readonly siteOf: (system: string) => Site;
  readonly network: () => Network;
  readonly cluster: () => Cluster;
  /** Encrypts logs and what alarms say. */
  readonly logKey: () => EncryptionKey;
  /** Who read and wrote what: requests to buckets and to load balancers. */
  readonly accessLogs: () => PrivateBucket;
  readonly receivers: () => AlarmReceivers;
}

/** What systems share in the cloud. */
export interface Cloud {
  readonly region: (name: string) => CloudRegion;
  /** The zone that a host is in. */
  readonly zoneOf: (host: string) => DnsZone;
  /** Rings when somebody does what nobody may do unseen, where `./cutover bootstrap` has made an audit trail. */
  readonly watchAccount: () => void;
}

/** The cloud of a stack that names an account. Nothing is made before a system asks for it. */
export function cloudFoundations(config: CutoverConfig): Cloud | undefined {
  const { aws, environment } = config;
  if (aws === undefined || environment === 'dev') return undefined;
  const shared = 'cutover';
  const home = homeRegion(config);
  const provider = once(
    () =>
      new Provider('aws', {
        region: home,
        // Credentials of another account end here, before anything is asked of it.
        allowedAccountIds: [aws.account],
      }),
  );
  const { account } = aws;
  // Who may deploy may make no role without it; `./cutover bootstrap` makes it where the stack file says for whom.
  const boundary = aws.access === undefined ? {} : { boundary: boundaryArn({ account, environment }) };
  const site = (region: string, system: string): Site =>
    siteOf({ provider: provider(), account, region, environment, system, ...boundary });

  const makeRegion = (name: string): CloudRegion => {
    const own = once(() => site(name, shared));
    const { cidr = '', zones = 2 } = config.regions[name] ?? {};
    const logKey = once(
      () =>
        new EncryptionKey('logs', {
          site: own(),
          description: `Logs and alarms in ${name}`,
          uses: ['logs', 'alarms', 'sns'],
        }),
    );
    return {
      siteOf: (system) => site(name, system),
      logKey,
      network: once(() => new Network('network', { site: own(), cidr, zones, logKey: logKey() })),
      cluster: once(() => new Cluster('cluster', { site: own() })),
      accessLogs: once(
        () =>
          new PrivateBucket('cutover-access-logs', {
            site: own(),
            writers: [{ kind: 'access-logs' }, { kind: 'load-balancer-logs' }],
            days: { expire: 365 },
          }),
      ),
      receivers: once(
        () =>
          new AlarmReceivers('alarms', {
            site: own(),
            key: logKey(),
            teams: {
              'on-call-lead': aws.alarms['on-call-lead'].map(receiverOf),
              operations: aws.alarms.operations.map(receiverOf),
              security: aws.alarms.security.map(receiverOf),
              development: aws.alarms.development.map(receiverOf),
              product: aws.alarms.product.map(receiverOf),
              business: aws.alarms.business.map(receiverOf),
            },
          }),
      ),
    };
  };

  const zone = byName((domain): DnsZone => {
    const id = aws.zones[domain]?.id;
    const origin = id === undefined ? ({ kind: 'own' } as const) : ({ kind: 'found', id } as const);
    return new DnsZone(domain.replaceAll('.', '-'), { site: site(home, shared), domain, origin });
  });
  const region = byName(makeRegion);
  return {
    region,
    watchAccount: () => {
      if (aws.access === undefined) return;
      const trail = region(home);
      new AuditAlarms(auditAlarmsName, {
        site: trail.siteOf(shared),
        receivers: trail.receivers(),
        logGroup: trailLogGroup({ environment }),
        breakGlassRole: roleArn({ account }, { name: breakGlassName({ environment }) }),
      });
    },
    zoneOf: (host) => zone(zoneNameOf(host, Object.keys(aws.zones)) ?? host),
  };
}

function receiverOf(text: string): Receiver {
  return text.startsWith('https://') ? { kind: 'https', url: text } : { kind: 'email', address: text };
}
