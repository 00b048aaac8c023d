import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ofService, partsOfArn } from '../../../ops/orphans/arn.ts';
import { deletableTypes, deletionLines, inDeletionOrder } from '../../../ops/orphans/aws-lines.ts';
import type { Found } from '../../../ops/orphans/plan.ts';

const account = '123456789012';

function at(rest: string, region = 'us-east-1'): Found {
  const arn = `arn:aws:${rest}`;
  const { service, kind, id } = partsOfArn(arn);
  return { type: `${service}/${kind}`, id, arn, region };
}

describe('an ARN', () => {
  it.each([
    [`ec2:us-east-1:${account}:vpc/vpc-1`, 'ec2/vpc', 'vpc-1'],
    [`logs:us-east-1:${account}:log-group:/cutover/api`, 'logs/log-group', '/cutover/api'],
    [`rds:us-east-1:${account}:db:orders`, 'rds/db', 'orders'],
    [`iam::${account}:role/cutover/staging/services/api`, 'iam/role', 'api'],
    [`sns:us-east-1:${account}:alarms`, 'sns/topic', 'alarms'],
    ['s3:::a-bucket', 's3/bucket', 'a-bucket'],
  ])('%s tells what it is of', (rest, type, id) => {
    expect(at(rest)).toMatchObject({ type, id });
  });

  it.each([
    [`ecs:us-east-1:${account}:task/cluster/1`, true],
    [`ecs:us-east-1:${account}:service/cluster/api`, false],
    [`rds:us-east-1:${account}:snapshot:rds:orders-2026-11-21`, true],
    [`rds:us-east-1:${account}:snapshot:orders-final`, false],
    [`ec2:us-east-1:${account}:network-interface/eni-1`, true],
    [`secretsmanager:us-east-1:${account}:secret:rds!db-1`, true],
  ])('%s: made by AWS itself, %s', (rest, answer) => {
    expect(ofService(`arn:aws:${rest}`)).toBe(answer);
  });
});

describe('the lines that delete', () => {
  it.each([
    [
      `ec2:us-west-2:${account}:natgateway/nat-1`,
      'us-west-2',
      ['aws ec2 delete-nat-gateway --nat-gateway-id nat-1 --region us-west-2'],
    ],
    [
      `ecs:us-east-1:${account}:service/shop/api`,
      'us-east-1',
      [
        `aws ecs delete-service --force --service arn:aws:ecs:us-east-1:${account}:service/shop/api --cluster shop --region us-east-1`,
      ],
    ],
    [
      `ssm:us-east-1:${account}:parameter/cutover/staging/key`,
      'us-east-1',
      ['aws ssm delete-parameter --name /cutover/staging/key --region us-east-1'],
    ],
    [
      `iam::${account}:policy/cutover/staging/services/api`,
      'global',
      [`aws iam delete-policy --policy-arn arn:aws:iam::${account}:policy/cutover/staging/services/api`],
    ],
  ])('of %s', (rest, region, lines) => {
    expect(deletionLines(at(rest, region))).toEqual(lines);
  });

  it('keep what cannot be made again for a while', () => {
    const text = [
      'rds:us-east-1:1:db:x',
      'kms:us-east-1:1:key/x',
      'secretsmanager:us-east-1:1:secret:x',
      's3:::x',
    ]
      .flatMap((rest) => deletionLines(at(rest)))
      .join('\n');
    expect(text).toContain('--final-db-snapshot-identifier x-orphan');
    expect(text).toContain('--pending-window-in-days 30');
    expect(text).toContain('--recovery-window-in-days 30');
    expect(text).not.toMatch(/--skip-final|--force|s3 rb/);
  });

  it('are words of the shell, whatever a name holds', () => {
    const [line = ''] = deletionLines(at(`cloudwatch:us-east-1:${account}:alarm:it's $(touch x); slow`));
    const said = spawnSync('sh', ['-c', `aws() { printf '%s\\n' "$@"; }; ${line}`], { encoding: 'utf8' });
    expect(said.stdout.split('\n')).toContain("it's $(touch x); slow");
  });

  it('are good shell for every type', () => {
    for (const type of deletableTypes) {
      const [service = '', kind = ''] = type.split('/');
      const lines = deletionLines({
        type,
        id: 'x',
        region: 'us-east-1',
        arn: ['s3', 'sns'].includes(service)
          ? `arn:aws:${service}:us-east-1:1:x`
          : `arn:aws:${service}:us-east-1:1:${kind}/a/b/c`,
      });
      expect(lines.length, type).toBeGreaterThan(0);
      expect(spawnSync('sh', ['-n', '-c', lines.join('\n')]).status, type).toBe(0);
    }
  });

  it('are none for what goes with something else', () => {
    expect(deletionLines(at(`ec2:us-east-1:${account}:security-group-rule/sgr-1`))).toEqual([]);
  });
});

it('what others stand on goes last', () => {
  const rests = [
    'kms:r:1:key/k',
    'ec2:r:1:vpc/v',
    'ec2:r:1:subnet/s',
    'ecs:r:1:cluster/c',
    'ecs:r:1:service/c/s',
  ];
  const sorted = inDeletionOrder(rests.map((rest) => at(rest))).map(({ type }) => type);
  expect(sorted).toEqual(['ecs/service', 'ecs/cluster', 'ec2/subnet', 'ec2/vpc', 'kms/key']);
});
