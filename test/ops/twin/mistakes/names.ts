import type { HeldMap } from '../../../../ops/twin/held.ts';
import type { Chapter } from './mistake.ts';
import type { World } from './world.ts';

const record = ({ of }: World): HeldMap => ({
  ...{ zoneId: of('zone'), name: 'shop.example.com', type: 'A', ttl: 60, records: ['192.0.2.7'] },
});
const alias = ({ of }: World): HeldMap => ({
  ...{ zoneId: of('zone'), name: 'shop.example.com', type: 'CNAME', ttl: 60, records: ['example.net'] },
});

/** Mistakes about names. */
export const names: Chapter = {
  service: 'Route 53',
  mistakes: [
    {
      what: 'A record that is there',
      doing: 'create',
      type: 'aws:route53/record:Record',
      right: record,
      wrong: () => ({ name: 'www.example.com' }),
      quote:
        "InvalidChangeBatch: [Tried to create resource record set [name='mydomain.dev.', type='TXT'] but it already exists]",
      source: 'https://github.com/clouddrove/terraform-aws-ses/issues/25',
      at: 'update',
      says: "InvalidChangeBatch: [Tried to create resource record set [name='www.example.com.', type='A'] but it already exists]",
    },
    {
      what: 'A CNAME beside another record',
      doing: 'create',
      type: 'aws:route53/record:Record',
      right: alias,
      wrong: () => ({ name: 'www.example.com' }),
      quote:
        'InvalidChangeBatch: [RRSet of type CNAME with DNS name generic.subdomain.com. is not permitted as it conflicts with other records with the same DNS name in zone subdomain.com.]',
      source: 'https://github.com/capitalone/Particle-Cloud-Framework/issues/113',
      at: 'update',
      says: 'InvalidChangeBatch: [RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.]',
    },
    {
      what: 'Another record beside a CNAME',
      doing: 'create',
      type: 'aws:route53/record:Record',
      right: ({ of }) => ({
        zoneId: of('zone'),
        name: 'shop',
        type: 'TXT',
        ttl: 60,
        records: ['v=spf1 -all'],
      }),
      wrong: () => ({ name: 'docs' }),
      before: (world) =>
        world.make('aws:route53/record:Record', 'docs', { ...alias(world), name: 'docs.example.com' }),
      quote:
        'InvalidChangeBatch: [RRSet of type TXT with DNS name www.usability.gov. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone usability.gov.]',
      source: 'https://github.com/GSA-TTS/dns/pull/443',
      at: 'update',
      says: 'InvalidChangeBatch: [RRSet of type TXT with DNS name docs.example.com. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone example.com.]',
    },
    {
      what: 'Two private zones of one name for a network',
      doing: 'create',
      type: 'aws:route53/zone:Zone',
      right: ({ of }) => ({ name: 'sns.us-east-1.amazonaws.com', vpcs: [{ vpcId: of('closed') }] }),
      wrong: ({ of }) => ({ vpcs: [{ vpcId: of('network') }] }),
      before: ({ make, of }) =>
        make('aws:route53/zone:Zone', 'first', {
          ...{ name: 'sns.us-east-1.amazonaws.com', vpcs: [{ vpcId: of('network') }] },
        }),
      quote:
        'ConflictingDomainExists: The VPC vpc-xxxxxxxxxxxxxxxxx in region ap-southeast-1 has already been associated with the hosted zone Z1234567890 with the same domain name.',
      source: 'https://github.com/hashicorp/terraform-provider-aws/issues/37783',
      at: 'update',
      says: 'ConflictingDomainExists: The VPC vpc-… in region us-east-1 has already been associated with the hosted zone Z… with the same domain name.',
    },
    {
      what: 'A CNAME for the zone itself',
      doing: 'create',
      type: 'aws:route53/record:Record',
      right: alias,
      wrong: () => ({ name: 'example.com' }),
      quote:
        'The DNS protocol does not allow you to create a CNAME record for the top node of a DNS namespace, also known as the zone apex.',
      source: 'https://github.com/aws/aws-sdk-java/issues/1996',
      at: 'update',
      says: 'InvalidChangeBatch: [RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.]',
    },
    {
      what: 'A zone that is deleted with records in it',
      doing: 'delete',
      name: 'zone',
      mend: async ({ remove }) => {
        for (const name of ['www', 'certificate-proof', 'european-certificate-proof']) await remove(name);
      },
      quote:
        'HostedZoneNotEmpty: The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
      source: 'https://github.com/gruntwork-io/cloud-nuke/issues/743',
      at: 'update',
      says: 'HostedZoneNotEmpty: The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
    },
    {
      what: 'Health checks from two regions',
      doing: 'create',
      type: 'aws:route53/healthCheck:HealthCheck',
      right: () => ({
        ...{ type: 'HTTPS', fqdn: 'api.example.com', port: 443, resourcePath: '/health' },
        ...{ requestInterval: 30, failureThreshold: 3, regions: ['us-east-1', 'us-west-1', 'eu-west-1'] },
      }),
      wrong: () => ({ regions: ['us-east-1', 'us-west-1'] }),
      quote:
        'InvalidParameter: 1 validation error(s) found. - minimum field size of 3, UpdateHealthCheckInput.Regions.',
      source: 'https://github.com/hashicorp/terraform-provider-aws/issues/1795',
      at: 'preview',
      says: 'Not enough list items. Attribute regions requires 3 item minimum, but config has only 2 declared.',
    },
    {
      what: 'Health checks every 15 seconds',
      doing: 'create',
      type: 'aws:route53/healthCheck:HealthCheck',
      right: () => ({
        ...{ type: 'HTTPS', fqdn: 'api.example.com', port: 443, resourcePath: '/health' },
        ...{ requestInterval: 10, failureThreshold: 3 },
      }),
      wrong: () => ({ requestInterval: 15 }),
      quote:
        'new Route53 health check resource continually failed to deploy when requestInterval was set to 15. Only when this value was changed to 10 did it succeed.',
      source: 'https://github.com/aws/aws-cdk/issues/27536',
      at: 'preview',
      says: 'InvalidInput: Invalid parameter : Request interval must be 10 or 30 seconds, but was 15',
    },
  ],
};
