import type { SolanaSignerRef } from '@cutover/chain/plan/solana/signer.ts';
import type { CutoverConfig } from './config.ts';
import { systemSlugs } from './config/systems.ts';
import { solanaSigner } from './systems/solana-accounts.ts';

/** A build of an exchange that the stack file names. */
export interface ExchangeRelease {
  readonly artifact: string;
  readonly sha256: string;
  /** Which release of the interface file it is. */
  readonly reads: string;
}

/** An exchange on Solana, and where the stack file says what of it is wanted. */
export interface ExchangeKey {
  /** What it is, in words. */
  readonly what: string;
  /** The names of its resources in the program. */
  readonly resources: { readonly program: string; readonly upgrade: string; readonly authority: string };
  /** How its program is called, relative to the project. */
  readonly interface: string;
  readonly admin: SolanaSignerRef;
  readonly guardian: SolanaSignerRef;
  readonly releases: Readonly<Record<string, ExchangeRelease>>;
  /** Where the release stands below `cutover:`, and what the stack says now. */
  readonly path: readonly string[];
  readonly current: string;
  /** Where the phase of the beta stands below `cutover:`. */
  readonly phasePath: readonly string[];
}

/** The exchanges of a stack, by their systems' names in commands. */
export function exchangeKeys(config: CutoverConfig): Readonly<Record<string, ExchangeKey>> {
  const { deployer, programs } = config.systems.godark;
  if (programs === undefined) return {};
  const { perps } = programs;
  const releases = Object.entries(perps.releases).map(([name, { artifact, digest, reads }]) => [
    name,
    { artifact, reads, sha256: digest.slice('sha256:'.length) },
  ]);
  return {
    [systemSlugs.godark]: {
      what: 'the exchange of GoDark',
      resources: { program: 'perps', upgrade: 'perps-upgrade', authority: 'perps-authority' },
      interface: perps.interface,
      admin: solanaSigner(config, deployer),
      guardian: solanaSigner(config, perps.guardian),
      releases: Object.fromEntries(releases) as Record<string, ExchangeRelease>,
      path: ['systems', 'godark', 'programs', 'perps', 'release'],
      current: perps.release,
      phasePath: ['systems', 'godark', 'beta', 'phase'],
    },
  };
}
