import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import type { FactTable } from '../../../../ops/twin/facts.ts';
import { kinds as aws } from '../../../../ops/twin/services/aws/index.ts';
import { kinds as docker, table as dockerTable } from '../../../../ops/twin/services/docker/index.ts';
import { ask, made } from './fake-cloud.ts';

const awsTable = JSON.parse(readFileSync(join(projectRoot, 'ops/twin/facts/aws.json'), 'utf8')) as FactTable;
const types = { ...awsTable.types, ...dockerTable.types };
const modules =
  /^(aws:(backup|cloudtrail|ecr|ecs|elasticache|iam|kms|rds|resourcegroups|s3|secretsmanager|ssm)\/|docker)/;
const kinds = [...aws, ...docker].filter(({ type }) => modules.test(type));
// Of these one is given, never all.
const alternatives = [
  'authToken',
  'authTokenWo',
  'insecureValue',
  'secretBinary',
  'secretStringWo',
  'valueWo',
];

describe.each(kinds.map((kind) => [kind.type, kind] as const))('%s', (type, kind) => {
  it('says nothing in preview against arguments that are all known only later', () => {
    const unknown = Object.keys(types[type]?.inputs ?? {}).filter((each) => !alternatives.includes(each));
    const question = ask(kind.defaults?.({}) ?? {}, { unknown, preview: true });
    expect(kind.check?.(question) ?? []).toEqual([]);
  });

  it('says of no argument both that it replaces and that it does not', () => {
    expect((kind.replaces ?? []).filter((each) => kind.updates?.includes(each))).toEqual([]);
  });
});

describe('the table of docker-build', () => {
  it('has the outputs that an image gives', () => {
    const [image] = docker;
    const facts = dockerTable.types[image?.type ?? ''];
    expect(image && Object.keys(made(image, ask({})).outputs)).toEqual(Object.keys(facts?.outputs ?? {}));
    expect((image?.updates ?? []).filter((each) => facts?.inputs[each] === undefined)).toEqual([]);
  });

  it('has the arguments and the version of the SDK', () => {
    const folder = join(projectRoot, 'node_modules/@pulumi/docker-build');
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    const source = readFileSync(join(folder, 'image.js'), 'utf8');
    const named = [...source.matchAll(/resourceInputs\["(\w+)"\] = .*args/g)].map(([, name]) => name);
    expect(dockerTable.version).toBe(version);
    expect([...new Set(named)].toSorted()).toEqual(
      Object.keys(dockerTable.types['docker-build:index:Image']?.inputs ?? {}).toSorted(),
    );
  });
});

describe('the types of the program', () => {
  it('are all played', () => {
    const later = ['aws:rds/cluster:Cluster', 'aws:rds/clusterInstance:ClusterInstance'];
    const played = kinds.map(({ type }) => type);
    const wanted = Object.keys(types).filter((type) => modules.test(type));
    expect(wanted.filter((type) => !played.includes(type) && !later.includes(type))).toEqual([]);
  });
});
