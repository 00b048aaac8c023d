import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { TypeFacts } from '../../../ops/twin/facts.ts';
import type { Kind } from '../../../ops/twin/kind.ts';
import { prefixArgument } from '../../../ops/twin/naming.ts';
import { stepsOf } from '../../../ops/twin/paths.ts';
import { loadPart, playedNames } from '../../../ops/twin/providers.ts';
import { ask } from './services/fake-cloud.ts';

const parts = await Promise.all(playedNames.map(loadPart));

describe.each(parts)('the kinds of $provider.name', ({ provider, table }) => {
  const { kinds } = provider;

  it('are told once each', () => {
    const types = kinds.map(({ type }) => type);
    expect(types.filter((type, index) => types.indexOf(type) !== index)).toEqual([]);
  });

  it('all have facts', () => {
    expect(kinds.map(({ type }) => type).filter((type) => table.types[type] === undefined)).toEqual([]);
  });

  it('refer to kinds that are played', () => {
    const types = new Set(kinds.map(({ type }) => type));
    const dead = kinds.flatMap(({ type, references = [] }) =>
      references.filter(({ to }) => !types.has(to)).map(({ to }) => `${type} -> ${to}`),
    );
    expect(dead).toEqual([]);
  });

  it('name arguments and outputs that there are', () => {
    const strangers = kinds.flatMap((kind) => {
      const facts = table.types[kind.type];
      const known = new Set([...Object.keys(facts?.inputs ?? {}), ...Object.keys(facts?.outputs ?? {})]);
      return namesIn(kind)
        .filter((name) => !known.has(name))
        .map((name) => `${kind.type}: ${name}`);
    });
    expect(strangers).toEqual([]);
  });

  it('are named where there is an argument for the beginning of a name', () => {
    const unnamed = kinds.flatMap(({ type, naming }) => {
      const inputs = Object.keys(table.types[type]?.inputs ?? {});
      const prefixes = inputs.filter((name) => inputs.some((other) => name === `${other}Prefix`));
      const known = naming === undefined ? undefined : prefixArgument(naming);
      return prefixes.filter((name) => name !== known).map((name) => `${type}: ${name}`);
    });
    expect(unnamed).toEqual([]);
  });

  it('give every output that the table has, for programs wait for them', () => {
    const missing = kinds.flatMap((kind) => {
      const facts = table.types[kind.type];
      const given = facts === undefined ? [] : givenBy(kind, facts);
      return Object.keys(facts?.outputs ?? {})
        .filter((name) => !given.includes(name))
        .map((name) => `${kind.type}: ${name}`);
    });
    expect(missing).toEqual([]);
  });
});

/** Always given by our programs: what AWS takes where they are not is no part of the twin. */
const alwaysGiven: Readonly<Record<string, readonly string[]>> = {
  'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup': ['vpcId'],
  'aws:ec2/flowLog:FlowLog': ['logDestination'],
  'aws:ec2/internetGateway:InternetGateway': ['vpcId'],
  'aws:ec2/securityGroup:SecurityGroup': ['vpcId'],
  'aws:ec2/subnet:Subnet': ['cidrBlock'],
  'aws:ec2/vpc:Vpc': ['cidrBlock'],
  'aws:ecs/service:Service': ['cluster'],
  'aws:elasticache/replicationGroup:ReplicationGroup': ['nodeType'],
  'aws:elasticache/user:User': ['authenticationMode'],
  'aws:rds/instance:Instance': ['dbSubnetGroupName'],
};
/** What AWS puts there is documented nowhere, or the argument is one that resources of their own have replaced. */
const notPlayed: Readonly<Record<string, RegExp>> = {
  'aws:elasticache/replicationGroup:ReplicationGroup': /^durability$/,
  'aws:lb/listener:Listener': /^(routingHttp|tcpIdleTimeoutSeconds$)/,
  'aws:s3/bucket:Bucket': /^(acl|logging|objectLockConfiguration|replicationConfiguration|website)$/,
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': /^expectedBucketOwner$/,
};

describe('the kinds of aws', async () => {
  const { provider, table } = await loadPart('aws');

  it.each(provider.kinds.map((kind) => [kind.type, kind] as const))(
    '%s give all that the SDK promises to be there',
    (type, kind) => {
      const facts = table.types[type];
      const given = facts === undefined ? [] : [...givenBy(kind, facts), ...(alwaysGiven[type] ?? [])];
      const missing = promisedBySdk(type).filter((name) => !given.includes(name));
      expect(missing.filter((name) => notPlayed[type]?.test(name) !== true)).toEqual([]);
    },
  );
});

/** All that a thing of a kind has when the program gives what it must. */
function givenBy(kind: Kind, { inputs }: TypeFacts): readonly string[] {
  const defaults = kind.defaults?.({}) ?? {};
  const question = ask(defaults);
  const { naming } = kind;
  return [
    ...Object.keys(inputs).filter((name) => inputs[name]?.required === true),
    ...Object.keys(defaults),
    ...Object.keys(kind.outputs(question, kind.id(question, 'random'))),
    ...(naming === undefined ? [] : [naming.property, prefixArgument(naming)]),
    ...(kind.arn === undefined ? [] : ['arn']),
    'region',
    'tagsAll',
  ];
}

/** The properties of a class of the SDK that are never undefined. */
function promisedBySdk(type: string): readonly string[] {
  const [, module = ''] = type.split(':');
  const file = createRequire(import.meta.url).resolve(`@pulumi/aws/${module}.d.ts`);
  const [text = ''] = readFileSync(file, 'utf8').split('export interface');
  return [...text.matchAll(/readonly (\w+)!?: pulumi\.Output<([^;]+)>;/g)]
    .filter(([, , output = '']) => !output.endsWith('| undefined'))
    .map(([, name = '']) => name);
}

function namesIn(kind: Kind): string[] {
  const { naming, replaces = [], updates = [], secret = [], references = [] } = kind;
  const paths = [...replaces, ...updates, ...secret, ...references.map(({ property }) => property)];
  return [
    ...paths.map((path) => stepsOf(path)[0] ?? ''),
    ...(naming === undefined ? [] : [naming.property]),
    ...Object.keys(kind.defaults?.({}) ?? {}),
  ];
}
