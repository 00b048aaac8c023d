import { beforeEach, describe, expect, it } from 'vitest';
import { taskRunProblems } from '@cutover/delivery/plan/task-run.ts';
import { Cluster } from '../../../components/aws/cluster.ts';
import { FargateTask, type FargateTaskArgs } from '../../../components/aws/fargate-task.ts';
import { Network } from '../../../components/aws/network.ts';
import { allOf, describeWithoutCloud, inputsOf, namesOf, refusal, someSite, valueOf } from './described.ts';

beforeEach(describeWithoutCloud);

const key = { arn: 'arn:aws:kms:us-east-1:123456789012:key/1' };
const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/api@sha256:${'b2'.repeat(32)}`;
const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:rds:password::';

/** A task that migrates, changed by `more`. */
function task(more: Partial<FargateTaskArgs> = {}): FargateTask {
  const site = someSite();
  return new FargateTask('coinestate-migrate', {
    site,
    network: new Network('coinestate', { site, cidr: '10.20.0.0/16', logKey: key, endpoints: [] }),
    cluster: new Cluster('coinestate', { site }),
    logKey: key,
    size: { cpus: 0.25, memoryGb: 1 },
    container: {
      image,
      environment: { MIGRATIONS: 'migrations/coinestate' },
      secrets: { DATABASE_PASSWORD: secret },
    },
    secretGrants: [[{ sid: 'Read', actions: ['secretsmanager:GetSecretValue'], resources: [secret] }]],
    reaches: { database: { securityGroup: { id: 'sg-database' }, port: 5432 } },
    ...more,
  });
}

describe('a task on Fargate', () => {
  it('has a definition, roles, a log and a firewall, and nothing that starts it', async () => {
    task();
    expect(await allOf('ecs/service:Service')).toEqual([]);
    expect(await inputsOf('coinestate-migrate-task-us-east-1')).toMatchObject({
      family: 'staging-coinestate-migrate',
      cpu: '256',
      memory: '1024',
      networkMode: 'awsvpc',
    });
    const { containerDefinitions } = await inputsOf('coinestate-migrate-task-us-east-1');
    const [container] = JSON.parse(String(containerDefinitions)) as Record<string, unknown>[];
    expect(container).toMatchObject({
      name: 'coinestate-migrate',
      image,
      user: '10001:10001',
      readonlyRootFilesystem: true,
      secrets: [{ name: 'DATABASE_PASSWORD', valueFrom: secret }],
    });
    expect(container).not.toHaveProperty('healthCheck');
    expect(container).not.toHaveProperty('portMappings');
  });

  it('lets nothing in, and out only to what it reaches and what starting it takes', async () => {
    task();
    const own = (names: readonly string[]) => names.filter((name) => name.startsWith('coinestate-migrate'));
    expect(own(await namesOf('vpc/securityGroupIngressRule:SecurityGroupIngressRule'))).toEqual([]);
    expect(own(await namesOf('vpc/securityGroupEgressRule:SecurityGroupEgressRule'))).toEqual([
      'coinestate-migrate-to-database-us-east-1',
      'coinestate-migrate-to-endpoints-us-east-1',
      'coinestate-migrate-to-s3-us-east-1',
    ]);
    expect(await inputsOf('coinestate-migrate-to-database-us-east-1')).toMatchObject({
      referencedSecurityGroupId: 'sg-database',
      fromPort: 5432,
      toPort: 5432,
    });
  });

  it('says as a whole what running it takes', async () => {
    const { run } = task();
    const value = await valueOf(run);
    expect(value).toMatchObject({
      region: 'us-east-1',
      container: 'coinestate-migrate',
      logStreamPrefix: 'coinestate-migrate',
      logGroup: 'coinestate-migrate-log-group-us-east-1',
      securityGroups: ['coinestate-migrate-security-group-us-east-1-id'],
    });
    expect(value.subnets).toHaveLength(3);
    expect(value.subnets.every((subnet) => subnet.includes('private'))).toBe(true);
    expect(value.cluster).toContain('coinestate-cluster');
    expect(value.taskDefinition).toContain('coinestate-migrate-task');
    // The stand-in for the cloud knows no ARNs of ECS; all else is in order.
    expect(taskRunProblems(value).map(({ property }) => property)).toEqual([
      'runs.cluster',
      'runs.taskDefinition',
    ]);
  });

  it('is refused with a port, with secrets that nobody may read, and with an image without its digest', () => {
    const container = { image: 'api:latest', port: 80, secrets: { DATABASE_PASSWORD: secret } };
    const message = refusal('CUT-5400', () => task({ container, secretGrants: [] }));
    expect(message).toContain('container.port: nothing can connect to it');
    expect(message).toContain('secretGrants: nothing says');
    expect(message).toContain('container.image: "api:latest" names no digest');
  });
});
