import type { CutoverConfig } from '../config.ts';

/**
 * The region that holds what an account has once: the state, the audit trail, the zones. Not the first that is listed:
 * the Pulumi CLI puts keys in order of the alphabet when it writes a stack file.
 */
export function homeRegion({ aws, regions }: Pick<CutoverConfig, 'aws' | 'regions'>): string {
  const known = Object.keys(regions).sort();
  return aws?.access?.region ?? (known.includes('us-east-1') ? 'us-east-1' : (known[0] ?? 'us-east-1'));
}
