// List prices of AWS in us-east-1, in USD, on demand: no taxes, no discounts, no free tier, no traffic.
// Looked up in November 2026 in what others print of the pages of aws.amazon.com that are named, not on those pages: a
// guide to what something costs, no offer. The sizes of a family are in proportion. Other regions cost more, some by a
// quarter.

/** The hours of a month, as AWS counts them. */
export const hoursPerMonth = 730;

/** When the figures were looked up. */
export const pricesOf = 'November 2026';

/** What is paid for an hour of it. */
export const perHour = {
  // vpc/pricing
  natGateway: 0.045,
  publicIpv4: 0.005,
  // privatelink/pricing; for each zone
  interfaceEndpoint: 0.01,
  // elasticloadbalancing/pricing; its capacity units come by use
  loadBalancer: 0.0225,
  // fargate/pricing
  fargate: {
    X86_64: { cpu: 0.04048, memoryGb: 0.004445 },
    ARM64: { cpu: 0.03238, memoryGb: 0.00356 },
  },
} as const;

/** What is paid for a month of it. */
export const perMonth = {
  // kms/pricing
  key: 1,
  // secrets-manager/pricing
  secret: 0.4,
  // route53/pricing; what it checks is taken to be in AWS
  hostedZone: 0.5,
  healthCheck: { basic: 0.5, option: 1 },
  // waf/pricing; requests come by use
  webAcl: { own: 5, rule: 1 },
  // cloudwatch/pricing; for each metric that an alarm watches, more where it looks more often than once a minute
  alarm: { metric: 0.1, fastMetric: 0.3, composite: 0.5 },
  dashboard: 3,
  // systems-manager/pricing
  advancedParameter: 0.05,
  // rds/postgresql/pricing; for each GB in one zone
  databaseStorageGb: 0.115,
} as const;

/** An hour of a database instance with PostgreSQL in one zone (rds/postgresql/pricing). */
export const databaseHour: Readonly<Record<string, number>> = {
  'db.t4g.micro': 0.016,
  'db.t4g.small': 0.032,
  'db.t4g.medium': 0.065,
  ...family('db.m7g', 0.168),
  ...family('db.r7g', 0.239),
};

/** An hour of a cache node with Redis OSS (elasticache/pricing); Valkey takes a fifth off. */
export const cacheHour: Readonly<Record<string, number>> = {
  'cache.t4g.micro': 0.016,
  'cache.t4g.small': 0.032,
  'cache.t4g.medium': 0.065,
};
export const valkeyFactor = 0.8;

/** The sizes of a family, each in proportion to the CPUs that it has. */
function family(name: string, large: number): Readonly<Record<string, number>> {
  const sizes = {
    large: 1,
    xlarge: 2,
    '2xlarge': 4,
    '4xlarge': 8,
    '8xlarge': 16,
    '12xlarge': 24,
    '16xlarge': 32,
  };
  return Object.fromEntries(Object.entries(sizes).map(([size, times]) => [`${name}.${size}`, large * times]));
}
