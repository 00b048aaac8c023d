import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import { FlowLog } from '@pulumi/aws/ec2/flowLog.js';
import * as pulumi from '@pulumi/pulumi';
import type { NetworkArgs, NetworkChildren } from './network.ts';
import { ServiceRole } from './service-role.ts';
import { arnOf, logDays } from './site.ts';
import { tagsOf, type Describe } from './transform.ts';

/** Every connection of a network, in a log group of its own. */
export function describeFlowLogs(
  describe: Describe<NetworkChildren>,
  name: string,
  { site, logKey, logDays: days = logDays(site) }: NetworkArgs,
  vpcId: pulumi.Input<string>,
): LogGroup {
  const { region } = site;
  const tags = tagsOf(site, name, 'flow-logs');
  const group = describe(
    'logGroup',
    LogGroup,
    { region, kmsKeyId: logKey.arn, retentionInDays: days, tags },
    { part: 'flow-logs' },
  );
  const role = describe(
    'logRole',
    ServiceRole,
    {
      site,
      description: `Writes the flow logs of ${name}`,
      service: 'vpc-flow-logs.amazonaws.com',
      onBehalfOf: arnOf(site, 'ec2', 'vpc-flow-log/*'),
      grants: [
        [
          {
            sid: 'WriteFlowLogs',
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
            resources: [group.arn, pulumi.interpolate`${group.arn}:*`],
          },
        ],
      ],
    },
    { part: 'flow' },
  );
  describe(
    'flowLog',
    FlowLog,
    {
      region,
      vpcId,
      trafficType: 'ALL',
      logDestinationType: 'cloud-watch-logs',
      logDestination: group.arn,
      iamRoleArn: role.arn,
      maxAggregationInterval: 600,
      tags,
    },
    { part: 'flow-log' },
  );
  return group;
}
