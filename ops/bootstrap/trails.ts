import {
  CreateTrailCommand,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  UpdateTrailCommand,
  type CloudTrailClient,
} from '@aws-sdk/client-cloudtrail';
import { isOurs, tagList, tagMap, type PartKind, type Room } from './kind.ts';
import type { Found, Part } from './part.ts';

/** Audit trails. */
export function trailKind(client: CloudTrailClient, room: Room): PartKind {
  return {
    find: (part) => findTrail(client, room, part),
    create: async (part) => {
      await client.send(new CreateTrailCommand({ ...described(part), TagsList: tagList(room.tags) }));
      return undefined;
    },
    set: async (part, setting) => {
      switch (setting) {
        case 'logging':
          await client.send(new StartLoggingCommand({ Name: part.name }));
          return;
        case 'events':
          await client.send(
            new PutEventSelectorsCommand({
              TrailName: part.name,
              EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [] }],
            }),
          );
          return;
        default:
          await client.send(new UpdateTrailCommand(described(part)));
      }
    },
  };
}

function described({ name, settings }: Part) {
  return {
    Name: name,
    S3BucketName: settings['bucket'],
    KmsKeyId: settings['key'],
    CloudWatchLogsLogGroupArn: settings['log group'],
    CloudWatchLogsRoleArn: settings['log role'],
    IsMultiRegionTrail: true,
    IncludeGlobalServiceEvents: true,
    EnableLogFileValidation: true,
  };
}

async function findTrail(client: CloudTrailClient, room: Room, { name }: Part): Promise<Found> {
  const { trailList = [] } = await client.send(new DescribeTrailsCommand({ trailNameList: [name] }));
  const trail = trailList[0];
  if (trail?.TrailARN === undefined) return { kind: 'absent' };
  const { ResourceTagList = [] } = await client.send(
    new ListTagsCommand({ ResourceIdList: [trail.TrailARN] }),
  );
  if (!isOurs(tagMap(ResourceTagList[0]?.TagsList), room)) {
    return { kind: 'foreign', why: 'a trail has this name and carries no tags of ours; rename or delete it' };
  }
  const status = await client.send(new GetTrailStatusCommand({ Name: name }));
  const { EventSelectors = [] } = await client.send(new GetEventSelectorsCommand({ TrailName: name }));
  const all = EventSelectors.some(
    (each) => each.IncludeManagementEvents !== false && each.ReadWriteType === 'All',
  );
  return {
    kind: 'ours',
    settings: {
      bucket: trail.S3BucketName ?? '',
      key: trail.KmsKeyId ?? '',
      'log group': trail.CloudWatchLogsLogGroupArn ?? '',
      'log role': trail.CloudWatchLogsRoleArn ?? '',
      regions: trail.IsMultiRegionTrail === true ? 'all' : 'one',
      'global services': trail.IncludeGlobalServiceEvents === true ? 'on' : 'off',
      validation: trail.LogFileValidationEnabled === true ? 'on' : 'off',
      events: all ? 'management' : 'not all',
      logging: status.IsLogging === true ? 'on' : 'off',
    },
  };
}
