import {
  AssociateKmsKeyCommand,
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  type CloudWatchLogsClient,
} from '@aws-sdk/client-cloudwatch-logs';
import { isOurs, type PartKind, type Room } from './kind.ts';
import type { Found, Part } from './part.ts';

/** Log groups, encrypted. */
export function logGroupKind(client: CloudWatchLogsClient, room: Room): PartKind {
  return {
    find: (part) => findLogGroup(client, room, part),
    create: async ({ name, settings }) => {
      const request = { logGroupName: name, kmsKeyId: settings['key'], tags: room.tags };
      await client.send(new CreateLogGroupCommand(request));
      return undefined;
    },
    set: async ({ name: logGroupName, settings }, setting) => {
      switch (setting) {
        case 'key':
          await client.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId: settings['key'] }));
          return;
        case 'kept days':
          await client.send(
            new PutRetentionPolicyCommand({ logGroupName, retentionInDays: Number(settings['kept days']) }),
          );
      }
    },
  };
}

async function findLogGroup(client: CloudWatchLogsClient, room: Room, { name }: Part): Promise<Found> {
  // What begins with its name comes in the order of names, so it is among the first.
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  const group = logGroups.find(({ logGroupName }) => logGroupName === name);
  if (group === undefined) return { kind: 'absent' };
  const resourceArn = `arn:aws:logs:${room.region}:${room.account}:log-group:${name}`;
  const { tags = {} } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
  if (!isOurs(tags, room)) {
    return {
      kind: 'foreign',
      why: 'a log group has this name and carries no tags of ours; delete it if nobody reads it',
    };
  }
  return {
    kind: 'ours',
    settings: { key: group.kmsKeyId ?? '', 'kept days': String(group.retentionInDays ?? 'for ever') },
  };
}
