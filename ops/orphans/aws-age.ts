import { setTimeout as sleep } from 'node:timers/promises';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { clientOptions } from '../bootstrap/aws.ts';
import { kindsOf, ownNameOf } from './kinds.ts';
import type { Found } from './plan.ts';

// CloudTrail answers two such requests a second in an account and region, and looks back 90 days
// (docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html).
const pauseMs = 500;
const mostRequests = 60;

/**
 * Orphans with the time when they were made, as CloudTrail tells it. What it does not tell, who may not ask, and what
 * would take more than half a minute has none. SIDE EFFECTS: asks CloudTrail.
 */
export async function withAges(orphans: readonly Found[]): Promise<readonly Found[]> {
  const clients = new Map<string, CloudTrailClient>();
  const client = (region: string): CloudTrailClient => {
    const known = clients.get(region) ?? new CloudTrailClient({ ...clientOptions(region), maxAttempts: 1 });
    clients.set(region, known);
    return known;
  };
  const aged: Found[] = [];
  let requests = 0;
  let tells = true;
  try {
    for (const orphan of orphans) {
      let createdMs: number | undefined;
      for (const name of orphan.createdMs === undefined ? namesInTrail(orphan) : []) {
        if (!tells || createdMs !== undefined || requests === mostRequests) break;
        if (requests++ > 0) await sleep(pauseMs);
        const where = orphan.region === 'global' ? 'us-east-1' : orphan.region;
        const answer = await creationOf(client(where), orphan, name).catch(() => 'no answer' as const);
        if (answer === 'no answer') tells = false;
        else createdMs = answer;
      }
      aged.push(createdMs === undefined ? orphan : { ...orphan, createdMs });
    }
    return aged;
  } finally {
    for (const each of clients.values()) each.destroy();
  }
}

/** CloudTrail knows most things by their id, some by their ARN. */
function namesInTrail(orphan: Found): readonly string[] {
  const made = kindsOf(orphan).some((kind) => kind.made !== undefined);
  return made ? [ownNameOf(orphan), ...(orphan.arn === undefined ? [] : [orphan.arn])] : [];
}

async function creationOf(
  client: CloudTrailClient,
  orphan: Found,
  name: string,
): Promise<number | undefined> {
  const made = kindsOf(orphan).map((kind) => kind.made);
  const LookupAttributes = [{ AttributeKey: 'ResourceName' as const, AttributeValue: name }];
  const { Events = [] } = await client.send(new LookupEventsCommand({ LookupAttributes, MaxResults: 50 }));
  const times = Events.filter(({ EventName = '' }) => made.includes(EventName)).flatMap(
    ({ EventName, EventTime }) =>
      EventTime === undefined
        ? []
        : [{ isPut: EventName?.startsWith('Put') === true, ms: EventTime.getTime() }],
  );
  // A name may have been used before: the newest counts. What is put again with each change is as old as the first.
  const puts = times.filter(({ isPut }) => isPut).map(({ ms }) => ms);
  if (puts.length > 0) return Math.min(...puts);
  return times.length === 0 ? undefined : Math.max(...times.map(({ ms }) => ms));
}
