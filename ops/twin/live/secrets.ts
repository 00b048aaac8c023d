import type { Cloud } from '../cloud.ts';
import type { Place } from '../kind.ts';
import { textAt, textOf } from '../services/values.ts';
import { managedSecret } from './rds/managed-secret.ts';
import { readHolds } from './holds.ts';

/**
 * What Secrets Manager holds under a name or an ARN: a secret that a rehearsal has put there, one that RDS keeps, or one
 * of the program with its newest version. SIDE EFFECTS: reads the cloud and the twin's folder.
 */
export async function secretOf(
  folder: string,
  cloud: Cloud,
  id: string,
  place: Place,
): Promise<string | undefined> {
  const { secrets } = await readHolds(folder);
  return secrets.get(id) ?? (await managedSecret(folder, id)) ?? ofProgram(cloud, id, place);
}

function ofProgram(cloud: Cloud, id: string, place: Place): string | undefined {
  const view = cloud.view();
  const secret = view
    .all('aws:secretsmanager/secret:Secret', place)
    // Six letters of chance stand behind the name; whoever leaves them out means the same.
    .find((each) => each.id === id || textOf(each, 'name') === id || each.id.replace(/-\w{6}$/, '') === id);
  const version = view
    .all('aws:secretsmanager/secretVersion:SecretVersion', place)
    .findLast((each) => secret !== undefined && textOf(each, 'secretId') === secret.id);
  return version === undefined ? undefined : textAt(version.inputs, 'secretString');
}
