import type { Cloud } from './cloud.ts';
import { parameterType } from './services/aws/ssm.ts';

/** The resource of a thing that no program made. */
export const byPeople = '';

/**
 * Puts a secret into the twin's parameter store as people do before the first update: a SecureString that no program
 * knows. SIDE EFFECTS: writes the cloud.
 */
export function putParameter(
  cloud: Cloud,
  { name, region, value }: { readonly name: string; readonly region: string; readonly value: string },
): void {
  const { account } = cloud.settings;
  cloud.put({
    ...{ type: parameterType, id: name, account, region, urn: byPeople },
    inputs: { name, type: 'SecureString', value },
    outputs: { arn: `arn:aws:ssm:${region}:${account}:parameter${name}`, keyId: 'alias/aws/ssm', version: 1 },
    secrets: ['value'],
    ...{ createdMs: Date.now(), readyMs: Date.now() },
  });
}
