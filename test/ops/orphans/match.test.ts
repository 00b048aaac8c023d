import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindsOf } from '../../../ops/orphans/kinds.ts';
import { deletableTypes } from '../../../ops/orphans/aws-lines.ts';
import { matchesOf } from '../../../ops/orphans/match.ts';
import type { Found } from '../../../ops/orphans/plan.ts';
import type { ProgramStep } from '../../../ops/orphans/steps.ts';

const account = '123456789012';
const region = 'us-east-1';
const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** What the program says of a resource. */
function step(type: string, name: string, inputs: object = {}, op = 'create'): ProgramStep {
  const urn = `urn:pulumi:staging::cutover::${type}::${name}`;
  return { op, urn, newState: { type, custom: true, inputs: { region, ...inputs } } };
}

/** Something as AWS lists it. */
function listed(type: string, rest: string, name?: string, where = region): Found {
  const [service = ''] = type.split('/');
  const arn = `arn:aws:${service}:${where === 'global' ? '' : where}:${account}:${rest}`;
  return {
    type,
    arn,
    id: rest.split(/[/:]/).at(-1) ?? '',
    region: where,
    ...(name !== undefined && { name }),
  };
}

const subnet = 'aws:ec2/subnet:Subnet';
const tagged = (Name: string): object => ({ tags: { Name } });

/** How each match is told, in one word each. */
const told = (orphans: readonly Found[], steps: readonly ProgramStep[]): readonly string[] =>
  matchesOf(orphans, steps).map((match) =>
    match.kind === 'cannot be told' ? match.why : `${match.kind} ${match.step.urn.split('::').at(-1)}`,
  );

describe('which resource of the program something is', () => {
  it('is told by type and tag', () => {
    const steps = [
      step(subnet, 'a', tagged('network-a')),
      step(subnet, 'b', tagged('network-b')),
      step('aws:ec2/vpc:Vpc', 'v', tagged('network-a')),
    ];
    expect(told([listed('ec2/subnet', 'subnet/subnet-1', 'network-b')], steps)).toEqual(['is b']);
    expect(told([listed('ec2/subnet', 'subnet/subnet-1', 'network-c')], steps)).toEqual([
      'the program makes nothing like it',
    ]);
    expect(told([listed('ec2/subnet', 'subnet/subnet-1')], steps)).toEqual([
      'the program makes nothing like it',
    ]);
  });

  it('is told apart by region', () => {
    const steps = [
      step('aws:kms/key:Key', 'here', tagged('logs')),
      step('aws:kms/key:Key', 'there', { ...tagged('logs'), region: 'eu-west-1' }),
    ];
    expect(told([listed('kms/key', 'key/1', 'logs', 'eu-west-1')], steps)).toEqual(['is there']);
    expect(told([listed('kms/key', 'key/1', 'logs', 'us-west-2')], steps)).toEqual([
      'the program makes nothing like it',
    ]);
  });

  it('is told by the name that the program gives, whatever its tag says', () => {
    const role = (name: string): ProgramStep => step('aws:iam/role:Role', name, { name, ...tagged('api') });
    const steps = [role('staging-api-start'), role('staging-api-run')];
    const found = listed('iam/role', 'role/cutover/staging/services/staging-api-run', 'api', 'global');
    expect(told([found], steps)).toEqual(['is staging-api-run']);
    const parameter = listed('ssm/parameter', 'parameter/cutover/staging/key');
    expect(
      told([parameter], [step('aws:ssm/parameter:Parameter', 'p', { name: '/cutover/staging/key' })]),
    ).toEqual(['is p']);
  });

  it('is told by its tag where the name is drawn, or not known yet', () => {
    const topic = (name: object): ProgramStep =>
      step('aws:sns/topic:Topic', 't', { ...name, ...tagged('p0') });
    const found = listed('sns/topic', 'p0-7f3a', 'p0');
    expect(told([found], [topic({ name: 'p0-0000', __defaults: ['name'] })])).toEqual(['is t']);
    expect(told([found], [topic({ name: unknown })])).toEqual(['is t']);
    expect(told([found], [topic({ name: 'p0-0000' })])).toEqual(['the program makes nothing like it']);
  });

  it('is told by what it was made with where it carries no tags', () => {
    const type = 'aws:ec2/routeTableAssociation:RouteTableAssociation';
    const found: Found = { type, id: 'rtbassoc-1', region, inputs: { subnetId: 's-1', routeTableId: 'r-1' } };
    const one = step(type, 'one', { subnetId: 's-1', routeTableId: unknown });
    const other = step(type, 'other', { subnetId: 's-2', routeTableId: 'r-1' });
    expect(told([found], [one, other])).toEqual(['is one']);
    const nothingKnown = step(type, 'new', { subnetId: unknown, routeTableId: unknown });
    expect(told([found], [nothingKnown])).toEqual(['the program makes nothing like it']);
    expect(told([{ ...found, inputs: {} }], [one])).toEqual(['the program makes nothing like it']);
    const nested = { ...found, inputs: { rules: [{ id: 1, days: 3 }] } };
    expect(told([nested], [step(type, 'n', { rules: [{ id: 1, days: 3 }] })])).toEqual(['is n']);
    expect(told([nested], [step(type, 'n', { rules: [{ id: 1, days: 4 }] })])).toEqual([
      'the program makes nothing like it',
    ]);
    expect(told([nested], [step(type, 'n', { rules: [{ id: 1 }] })])).toEqual([
      'the program makes nothing like it',
    ]);
  });

  it('is beside it where the state has one already, whatever is to be done to that', () => {
    for (const op of ['same', 'update', 'replace', 'create-replacement']) {
      const steps = [step(subnet, 'a', tagged('network-a'), op)];
      expect(told([listed('ec2/subnet', 'subnet/subnet-2', 'network-a')], steps)).toEqual(['beside a']);
    }
    const gone = [step(subnet, 'a', tagged('network-a'), 'delete')];
    expect(told([listed('ec2/subnet', 'subnet/subnet-2', 'network-a')], gone)).toEqual([
      'the program makes nothing like it',
    ]);
  });

  it('is not told where two may be one, or one may be two', () => {
    const steps = [step(subnet, 'a', tagged('network-a'))];
    const twins = ['subnet-1', 'subnet-2'].map((id) => listed('ec2/subnet', `subnet/${id}`, 'network-a'));
    expect(told(twins, steps)).toEqual(['1 more may be a too', '1 more may be a too']);
    const both = [...steps, step(subnet, 'b', tagged('network-a'))];
    expect(told(twins.slice(0, 1), both)).toEqual(['it may be any of a, b']);
  });

  it('is not told of a type that nobody knows, nor of a component', () => {
    const found = listed('eks/cluster', 'cluster/x', 'x');
    expect(told([found], [step('aws:eks/cluster:Cluster', 'x', tagged('x'))])).toEqual([
      'the program makes nothing like it',
    ]);
    const component = {
      ...step(subnet, 'a', tagged('n')),
      newState: { type: subnet, inputs: tagged('n') as never },
    };
    expect(told([listed('ec2/subnet', 'subnet/s', 'n')], [component])).toEqual([
      'the program makes nothing like it',
    ]);
  });

  it('is told for each of them once, and nothing twice, whatever there is', () => {
    const names = fc.constantFrom('a', 'b', 'c');
    const places = fc.constantFrom('us-east-1', 'eu-west-1');
    const things = fc.array(fc.tuple(names, places), { maxLength: 8 });
    const resources = fc.array(fc.tuple(names, places, fc.constantFrom('create', 'same')), { maxLength: 8 });
    fc.assert(
      fc.property(things, resources, (found, wanted) => {
        const orphans = found.map(([name, where], i) => listed('ec2/subnet', `subnet/s-${i}`, name, where));
        const steps = wanted.map(([name, where, op], i) =>
          step(subnet, `r-${i}`, { ...tagged(name), region: where }, op),
        );
        const matches = matchesOf(orphans, steps);
        expect(matches.map(({ orphan }) => orphan)).toEqual(orphans);
        const taken = matches.flatMap((match) => (match.kind === 'is' ? [match.step.urn] : []));
        expect(new Set(taken).size).toBe(taken.length);
        for (const match of matches) {
          if (match.kind !== 'is') continue;
          expect(match.step.op).toBe('create');
          expect(match.step.newState?.inputs).toMatchObject({
            region: match.orphan.region,
            tags: { Name: match.orphan.name },
          });
        }
      }),
    );
  });
});

describe('what something is imported by', () => {
  const by = (type: string, rest: string, inputs: Record<string, unknown> = {}): unknown =>
    kindsOf({ type })[0]?.importId(listed(type, rest), inputs);

  it.each([
    ['ec2/natgateway', 'natgateway/nat-1', 'nat-1'],
    ['ecs/service', 'service/shop/api', 'shop/api'],
    [
      'ecs/task-definition',
      'task-definition/api:3',
      `arn:aws:ecs:us-east-1:${account}:task-definition/api:3`,
    ],
    ['ecr/repository', 'repository/coinestate/api', 'coinestate/api'],
    ['logs/log-group', 'log-group:/cutover/api:*', '/cutover/api'],
    ['ssm/parameter', 'parameter/cutover/key', '/cutover/key'],
    ['ssm/parameter', 'parameter/key', 'key'],
    ['wafv2/regional', 'regional/webacl/api/1-2', '1-2/api/REGIONAL'],
    ['wafv2/global', 'global/webacl/api/1-2', '1-2/api/CLOUDFRONT'],
    ['rds/db', 'db:orders', 'orders'],
    ['sns/topic', 'alarms', `arn:aws:sns:us-east-1:${account}:alarms`],
  ])('%s %s', (type, rest, id) => {
    expect(by(type, rest)).toBe(id);
  });

  it('a target of scaling is what the program says, once that is known', () => {
    const type = 'application-autoscaling/scalable-target';
    const said = {
      serviceNamespace: 'ecs',
      resourceId: 'service/a/b',
      scalableDimension: 'ecs:service:DesiredCount',
    };
    expect(by(type, 'scalable-target/1', said)).toBe('ecs/service/a/b/ecs:service:DesiredCount');
    expect(by(type, 'scalable-target/1', { ...said, resourceId: undefined })).toBeUndefined();
  });

  it('names kinds as the lines that delete them do', () => {
    const lines = deletableTypes.filter((type) => kindsOf({ type }).length === 0);
    // Neither the program nor its components make these.
    expect(lines).toEqual(['rds/cluster', 'cloudtrail/trail', 'iam/instance-profile', 'iam/oidc-provider']);
  });
});
