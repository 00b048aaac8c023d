import { boundaryArn, boundaryName, rolesPath } from '../../components/aws/account-place.ts';
import { boundaryDocument } from '../../components/aws/account-roles.ts';
import type { Site } from '../../components/aws/site.ts';
import { foundationTags } from '../bootstrap/foundation.ts';
import type { Cloud } from './cloud.ts';
import { byPeople } from './put-parameter.ts';

/**
 * Puts the policy into the twin's account that every role of a service is limited by, as `./cutover bootstrap` leaves it:
 * no program makes it. SIDE EFFECTS: writes the cloud.
 */
export function putBoundary(cloud: Cloud, environment: Site['environment']): void {
  const { account } = cloud.settings;
  const place = { account, environment };
  const arn = boundaryArn(place);
  cloud.put({
    ...{ type: 'aws:iam/policy:Policy', id: arn, account, region: 'global', urn: byPeople },
    inputs: {
      name: boundaryName,
      path: `${rolesPath}${environment}/`,
      policy: boundaryDocument(place),
      tags: foundationTags(place),
    },
    outputs: { arn },
    secrets: [],
    ...{ createdMs: Date.now(), readyMs: Date.now() },
  });
}
