import { trailLogGroup } from '../../components/aws/account-place.ts';
import type { Site } from '../../components/aws/site.ts';
import { foundationTags } from '../bootstrap/foundation.ts';
import type { Cloud } from './cloud.ts';
import { byPeople } from './put-parameter.ts';

/**
 * Puts the log group into the twin's account that the audit trail is written to, as `./cutover bootstrap` leaves it: the
 * program makes filters on it. SIDE EFFECTS: writes the cloud.
 */
export function putTrailLog(cloud: Cloud, environment: Site['environment'], region: string): void {
  const { account } = cloud.settings;
  const name = trailLogGroup({ environment });
  cloud.put({
    ...{ type: 'aws:cloudwatch/logGroup:LogGroup', id: name, account, region, urn: byPeople },
    inputs: { name, tags: foundationTags({ environment }) },
    outputs: { arn: `arn:aws:logs:${region}:${account}:log-group:${name}` },
    secrets: [],
    ...{ createdMs: Date.now(), readyMs: Date.now() },
  });
}
