import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every service prefix of IAM with its actions, both in lower case: IAM compares them without regard to case. */
export function readActions(cfnLint: string): Readonly<Record<string, readonly string[]>> {
  const path = join(cfnLint, 'AdditionalSpecs', 'Policies.json');
  const services = JSON.parse(readFileSync(path, 'utf8')) as Readonly<
    Record<string, { readonly Actions: Readonly<Record<string, unknown>> }>
  >;
  return Object.fromEntries(
    Object.entries(services)
      .map(([prefix, { Actions }]) => [prefix, Object.keys(Actions).sort()] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}
