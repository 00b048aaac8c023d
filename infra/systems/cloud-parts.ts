import type * as pulumi from '@pulumi/pulumi';
import { cloudIsPlayed } from '@cutover/base/cloud-played.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { GateOptions } from '@cutover/delivery/resources/health-gate.ts';
import { secretsInPlace, secretsOf, type SecretReference } from '../../components/aws/secrets.ts';
import type { Site } from '../../components/aws/site.ts';
import type { Statement } from '../../components/aws/policy-document.ts';
import type { CutoverConfig } from '../config.ts';
import type { Reference } from '../config/reference.ts';
import { gatePatience } from './parts.ts';

/** Where a secret is in the parameter store: the one place that containers read from. */
export function storedAt(system: string, key: string, ref: Reference): SecretReference {
  if (ref.kind === 'ssm') return { kind: 'ssm', name: ref.name };
  throw new CutoverError('CUT-5500', { system, key, kind: ref.kind });
}

/** How a container gets to a chain. */
export interface ChainEndpoint {
  readonly environment: Readonly<Record<string, string>>;
  /** Variables whose values ECS fetches. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly grant: readonly Statement[];
}

/**
 * The first endpoint of a chain as a container takes it: a URL that carries a key comes from the parameter store.
 * SIDE EFFECTS: may ask the parameter store whether it is there.
 */
export async function endpointFor(
  config: CutoverConfig,
  network: string,
  site: Site,
): Promise<ChainEndpoint> {
  const url = config.networks[network]?.endpoints[0]?.url ?? '';
  if (typeof url === 'string') return { environment: { EVM_RPC_URL: url }, secrets: {}, grant: [] };
  const { arns, names, grant } = secretsOf(site, { EVM_RPC_URL: storedAt('networks', network, url) });
  await secretsInPlace(site, names);
  return { environment: {}, secrets: arns, grant };
}

/**
 * The gate of a service in the cloud: its report of its health, from outside, by its own name. Where the twin plays the
 * cloud nothing answers there, and nothing is asked.
 */
export function cloudGate(
  config: CutoverConfig,
  url: string,
  triggers: readonly pulumi.Input<unknown>[],
): GateOptions | undefined {
  if (cloudIsPlayed()) return undefined;
  return {
    ...gatePatience(config),
    triggers: [...triggers],
    checks: [{ kind: 'http', name: '/health', url, expect: { status: 200, json: { status: 'HEALTHY' } } }],
  };
}
