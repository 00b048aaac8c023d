/** The instruction sets of programs, as the header of their file names them. */
export type SbpfVersion = 0 | 1 | 2 | 3;

/** Accounts whose activation says what a cluster accepts. */
export const featureGates = {
  v1: 'JE86WkYvTrzW8HgNmrHY7dFYpCmSptUpKupbo2AdQ9cG',
  v2: 'F6UVKh1ujTEFK3en2SyAL3cdVnqko1FVEXWhmdLRu6WP',
  v3: '5cC3foj77CWun58pC51ebHFUWavHWKarWyR5UUik7dnC',
  /** SIMD-0500: nothing older than v3 may be deployed, upgraded to or fixed for ever. */
  onlyV3: 'B8JJXCy5amZyWG9r7EnUYLwzXSXTxG7GZ1qZ1qggo83g',
} as const;

/** What mainnet-beta, testnet and devnet accept since v3 was activated (mainnet-beta: slot 428,976,000). */
export const usualVersions: readonly SbpfVersion[] = [0, 1, 2, 3];

/** What a cluster accepts where these of the gates are active; a later version brings the earlier ones along. */
export function acceptedVersions(active: ReadonlySet<string>): readonly SbpfVersion[] {
  const newest = active.has(featureGates.v3)
    ? 3
    : active.has(featureGates.v2)
      ? 2
      : active.has(featureGates.v1)
        ? 1
        : 0;
  return usualVersions.filter(
    (version) => version <= newest && (version === 3 || !active.has(featureGates.onlyV3)),
  );
}

/** Whether the data of a feature's account says that it is active: it holds the slot of its activation. */
export function isActiveFeature(data: Uint8Array): boolean {
  return data.length >= 9 && data[0] === 1;
}

/** Versions for people. */
export function describeVersions(versions: readonly number[]): string {
  return versions.length === 0 ? 'no version of sBPF' : versions.map((version) => `v${version}`).join(', ');
}
