import { Provider } from '@pulumi/aws/provider.js';
import { CutoverError, type ErrorCode } from '@cutover/base/errors.ts';
import * as pulumi from '@pulumi/pulumi';
import { expect } from 'vitest';
import { siteOf, type Site, type SiteArgs } from '../../../components/aws/site.ts';

/** One resource as a program described it. */
export interface Described {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Reference to the provider that makes it. */
  readonly provider: string;
}

// What components describe, without an engine: Pulumi's own mocks take the place of the cloud. They skip transforms
// and hooks of the engine, of which components have none.
const described: Described[] = [];
let mocked = false;

/** Begins anew with nothing described. For `beforeEach`. */
export async function describeWithoutCloud(): Promise<void> {
  if (mocked) await settled();
  described.length = 0;
  if (mocked) return;
  mocked = true;
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs, provider, custom }) {
        const values = inputs as Record<string, unknown>;
        if (custom !== false && !type.startsWith('cutover:'))
          described.push({ type, name, inputs: values, provider: provider ?? '' });
        return { id: `${name}-id`, state: { name, ...computed(type, name), ...values } };
      },
      call: () => ({}),
    },
    'cutover',
    'trial',
    false,
  );
}

/** What the cloud adds and components use. */
function computed(type: string, name: string): Record<string, unknown> {
  const arn = `arn:aws:mock:us-east-1:123456789012:${name}`;
  const more: Readonly<Record<string, Record<string, unknown>>> = {
    'aws:lb/loadBalancer:LoadBalancer': {
      arnSuffix: `app/${name}/1`,
      dnsName: `${name}.elb`,
      zoneId: 'ZELB',
    },
    'aws:lb/targetGroup:TargetGroup': { arnSuffix: `targetgroup/${name}/1` },
    'aws:ec2/vpcEndpoint:VpcEndpoint': { prefixListId: 'pl-1' },
    'aws:ec2/eip:Eip': { publicIp: '198.51.100.7' },
    'aws:kms/key:Key': { keyId: `${name}-key-id` },
    'aws:rds/instance:Instance': {
      address: `${name}.rds.example`,
      resourceId: 'db-MOCK',
      masterUserSecrets: [
        { secretArn: `arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-${name}` },
      ],
    },
    'aws:ecr/repository:Repository': {
      repositoryUrl: `123456789012.dkr.ecr.us-east-1.amazonaws.com/${name}`,
    },
    'aws:route53/zone:Zone': { zoneId: 'Z0MOCK', nameServers: ['ns-1.example'] },
    'aws:route53/record:Record': { fqdn: `${name}.fqdn` },
    'aws:acm/certificate:Certificate': {
      domainValidationOptions: ['api.coinestate.io', '*.coinestate.io', 'coinestate.io'].map(
        (domainName) => ({
          domainName,
          resourceRecordName: `_proof.${domainName.replace('*.', '')}`,
          resourceRecordType: 'CNAME',
          resourceRecordValue: '_value.acm',
        }),
      ),
    },
  };
  return { arn, ...more[type] };
}

/** Everything described so far of a type: `allOf('ec2/subnet:Subnet')`. Waits until what is under way is there. */
export async function allOf(type: string): Promise<readonly Described[]> {
  await settled();
  return described.filter((each) => each.type === `aws:${type}`);
}

/** What a resource was described with. */
export async function inputsOf(name: string): Promise<Readonly<Record<string, unknown>>> {
  await settled();
  const found = described.find((each) => each.name === name);
  expect(found, `${name} among ${described.map((each) => each.name).join(', ')}`).toBeDefined();
  return found?.inputs ?? {};
}

/** Everything described so far. */
export async function everything(): Promise<readonly Described[]> {
  await settled();
  return described.filter(({ type }) => !type.startsWith('pulumi:'));
}

/** Names only: cheap to compare, and told in a failure. */
export async function namesOf(type: string): Promise<readonly string[]> {
  return (await allOf(type)).map(({ name }) => name).sort();
}

/** Until everything that is described has been registered. */
async function settled(): Promise<void> {
  // The engine's own way to know; it is not among the types of the SDK.
  const runtime = pulumi.runtime as unknown as { readonly waitForRPCs: () => Promise<void> };
  await runtime.waitForRPCs();
}

/** The value of an output. */
export async function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** A site in us-east-1 of staging, unless it is said otherwise. */
export function someSite(more: Partial<Omit<SiteArgs, 'provider'>> = {}): Site {
  const provider = new Provider('account', { region: 'us-east-1' });
  return siteOf({
    provider,
    account: '123456789012',
    region: 'us-east-1',
    environment: 'staging',
    system: 'coinestate',
    ...more,
  });
}

/** The message with which something is refused; fails when it is not, or with another number. */
export function refusal(code: ErrorCode, describe: () => unknown): string {
  try {
    describe();
  } catch (error) {
    expect(error).toBeInstanceOf(CutoverError);
    expect((error as CutoverError).code).toBe(code);
    return (error as CutoverError).message;
  }
  throw new Error(`nothing was refused; ${code} was expected`);
}
