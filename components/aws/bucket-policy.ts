import type { Statement } from './policy-document.ts';
import type { Site } from './site.ts';

/**
 * A service of AWS that puts something into a bucket.
 * - `access-logs`: who read and wrote other buckets of this account.
 * - `load-balancer-logs`: the requests that load balancers of this account served.
 * - `trail`: the audit trail of this ARN.
 */
export type BucketWriter =
  { readonly kind: 'access-logs' | 'load-balancer-logs' } | { readonly kind: 'trail'; readonly arn: string };

/** What a bucket allows and refuses: nothing without TLS, no other key than its own, and the services it is for. */
export function bucketPolicy<Text>(
  site: Pick<Site, 'account'>,
  bucketArn: string,
  { key, writers }: { readonly key: Text | undefined; readonly writers: readonly BucketWriter[] },
): readonly Statement<Text | string>[] {
  const everything = [bucketArn, `${bucketArn}/*`];
  const refused = { effect: 'Deny', principals: 'anyone' } as const;
  return [
    {
      sid: 'OnlyWithTls',
      ...refused,
      actions: ['s3:*'],
      resources: everything,
      conditions: { Bool: { 'aws:SecureTransport': ['false'] } },
    },
    {
      sid: 'OnlyWithTls12',
      ...refused,
      actions: ['s3:*'],
      resources: everything,
      conditions: { NumericLessThan: { 's3:TlsVersion': ['1.2'] } },
    },
    ...(key === undefined
      ? []
      : [
          {
            sid: 'OnlyWithItsKey',
            ...refused,
            actions: ['s3:PutObject'],
            resources: [`${bucketArn}/*`],
            conditions: {
              // Who names no key gets the bucket's own.
              Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': ['false'] },
              StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': [key] },
            },
          },
          {
            sid: 'OnlyWithKms',
            ...refused,
            actions: ['s3:PutObject'],
            resources: [`${bucketArn}/*`],
            conditions: {
              Null: { 's3:x-amz-server-side-encryption': ['false'] },
              StringNotEquals: { 's3:x-amz-server-side-encryption': ['aws:kms'] },
            },
          },
        ]),
    ...writers.flatMap((writer) => writerStatements(site, bucketArn, writer)),
  ];
}

function writerStatements(
  { account }: Pick<Site, 'account'>,
  bucketArn: string,
  writer: BucketWriter,
): readonly Statement[] {
  const put = { actions: ['s3:PutObject'] } as const;
  const ours = { 'aws:SourceAccount': [account] };
  switch (writer.kind) {
    case 'access-logs':
      return [
        {
          sid: 'AccessLogs',
          principals: { Service: ['logging.s3.amazonaws.com'] },
          ...put,
          resources: [`${bucketArn}/*`],
          conditions: { StringEquals: ours },
        },
      ];
    case 'load-balancer-logs':
      return [
        {
          sid: 'LoadBalancerLogs',
          principals: { Service: ['logdelivery.elasticloadbalancing.amazonaws.com'] },
          ...put,
          // Load balancers write below AWSLogs/<account>/, with or without a prefix before it.
          resources: [`${bucketArn}/AWSLogs/${account}/*`, `${bucketArn}/*/AWSLogs/${account}/*`],
          conditions: { StringEquals: ours },
        },
      ];
    case 'trail': {
      const service = { principals: { Service: ['cloudtrail.amazonaws.com'] } };
      const trail = { 'aws:SourceArn': [writer.arn] };
      return [
        {
          sid: 'TrailLooks',
          ...service,
          actions: ['s3:GetBucketAcl'],
          resources: [bucketArn],
          conditions: { StringEquals: trail },
        },
        {
          sid: 'TrailWrites',
          ...service,
          ...put,
          resources: [`${bucketArn}/AWSLogs/${account}/*`],
          conditions: { StringEquals: { ...trail, 's3:x-amz-acl': ['bucket-owner-full-control'] } },
        },
      ];
    }
  }
}
