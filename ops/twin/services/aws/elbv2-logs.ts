import { decide, type Caller } from '../../iam/decide.ts';
import { readDocument, type PolicyDocument } from '../../iam/document.ts';
import type { Place, Question, Refusal } from '../../kind.ts';
import { flagAt, has, refusal, textAt, textOf } from '../values.ts';
import { readPolicy } from './policy-arguments.ts';
import { regionOf } from './regions.ts';

/** Buckets for logs that load balancers may not write to. */
export function logProblems({ place, inputs, cloud }: Question): Refusal[] {
  return ['accessLogs', 'connectionLogs'].flatMap((property) => {
    const bucket = textAt(inputs, `${property}.bucket`);
    if (bucket === undefined || flagAt(inputs, `${property}.enabled`) !== true) return [];
    const prefix = textAt(inputs, `${property}.prefix`);
    const policy = cloud
      .all('aws:s3/bucketPolicy:BucketPolicy', { account: place.account })
      .find((each) => textOf(each, 'bucket') === bucket);
    const key = `arn:aws:s3:::${bucket}/${prefix === undefined ? '' : `${prefix}/`}AWSLogs/${place.account}/x`;
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    return mayWrite(readPolicy(policy && has(policy, 'policy')), key, place)
      ? []
      : [
          refusal(
            'InvalidConfigurationRequest',
            `Access Denied for bucket: ${bucket}. Please check S3bucket permission`,
            `${property}.bucket`,
          ),
        ];
  });
}

/** The service writes under its own name; in older regions, where policies say so, as an account of its own. */
function mayWrite(resource: PolicyDocument | undefined, key: string, place: Place): boolean {
  if (resource === undefined) return false;
  const account = regionOf(place.region)?.loadBalancerAccount ?? '';
  const callers: readonly Caller[] = [
    { kind: 'service', name: 'logdelivery.elasticloadbalancing.amazonaws.com' },
    { kind: 'role', arn: `arn:aws:iam::${account}:root`, account },
  ];
  const everything = readDocument(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
  ).document;
  const identity = everything === undefined ? [] : [everything];
  const context: Readonly<Record<string, string>> = {
    'aws:SourceAccount': place.account,
    'aws:SourceArn': `arn:aws:elasticloadbalancing:${place.region}:${place.account}:loadbalancer/x`,
    'aws:SecureTransport': 'true',
    's3:x-amz-acl': 'bucket-owner-full-control',
  };
  return callers.some(
    (caller) =>
      decide(
        { identity, resource },
        { caller, action: 's3:PutObject', resource: key, account: place.account, context },
      ) === 'allowed',
  );
}
