import { chainErrors } from './catalogue/chain.ts';
import { cutErrors } from './catalogue/cuts.ts';
import { layoutErrors } from './catalogue/storage-layouts.ts';
import { liveErrors } from './catalogue/live.ts';
import { senderErrors } from './catalogue/sender.ts';
import { authorityErrors } from './catalogue/authorities.ts';
import { verificationErrors } from './catalogue/verification.ts';
import { evmResourceErrors } from './catalogue/evm-resources.ts';
import { cloudErrors } from './catalogue/cloud.ts';
import { cloudOpsErrors } from './catalogue/cloud-ops.ts';
import { cloudSystemErrors } from './catalogue/cloud-systems.ts';
import { configErrors } from './catalogue/config.ts';
import { gateErrors } from './catalogue/gates.ts';
import { migrationErrors } from './catalogue/migrations.ts';
import { policyErrors } from './catalogue/policy.ts';
import { opsErrors } from './catalogue/ops.ts';
import { commandErrors } from './catalogue/ops-commands.ts';
import { processErrors } from './catalogue/processes.ts';
import { godarkErrors } from './catalogue/godark.ts';
import { rehearseErrors } from './catalogue/rehearse.ts';
import { secretErrors } from './catalogue/secrets.ts';
import { solanaErrors } from './catalogue/solana.ts';
import { solanaLoaderErrors } from './catalogue/solana-loader.ts';
import { solanaProgramErrors } from './catalogue/solana-programs.ts';
import { solanaAuthorityErrors } from './catalogue/solana-authorities.ts';
import { solanaResourceErrors } from './catalogue/solana-resources.ts';
import { twinErrors } from './catalogue/twin.ts';
import { twinFactsErrors } from './catalogue/twin-facts.ts';

/** How a command ends: 1 failed, 2 wrong use, 3 refused by a gate or guard. */
export type ExitCode = 1 | 2 | 3;

/** One kind of error. `{name}` in a text is filled from the details given where it is raised. */
export interface CatalogueEntry {
  /** What happened, in one sentence. */
  readonly what: string;
  /** Why it is refused or could not be done. */
  readonly why?: string;
  /** What the reader does now. */
  readonly remedy: string;
  /** Exit code of the command that meets it; 1 when left out. */
  readonly exit?: ExitCode;
}

/** Every error of the project by its number. One area, one file; numbers are never used twice. */
export const catalogue = {
  ...configErrors,
  ...secretErrors,
  ...twinFactsErrors,
  ...chainErrors,
  ...cutErrors,
  ...layoutErrors,
  ...senderErrors,
  ...authorityErrors,
  ...verificationErrors,
  ...evmResourceErrors,
  ...cloudErrors,
  ...cloudOpsErrors,
  ...cloudSystemErrors,
  ...migrationErrors,
  ...gateErrors,
  ...processErrors,
  ...policyErrors,
  ...opsErrors,
  ...commandErrors,
  ...twinErrors,
  ...liveErrors,
  ...rehearseErrors,
  ...godarkErrors,
  ...solanaErrors,
  ...solanaLoaderErrors,
  ...solanaProgramErrors,
  ...solanaAuthorityErrors,
  ...solanaResourceErrors,
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;
export type Details = Readonly<Record<string, string | number | bigint | undefined>>;

/** An error that its reader can act on: what, where, why and the remedy. */
export class CutoverError extends Error {
  readonly code: ErrorCode;
  readonly details: Details;
  readonly remedy: string;
  readonly exit: ExitCode;

  constructor(code: ErrorCode, details: Details = {}, options?: ErrorOptions) {
    const entry: CatalogueEntry = catalogue[code];
    const fill = (text: string): string => fillIn(text, details);
    const why = entry.why === undefined ? '' : `\n  why: ${fill(entry.why)}`;
    const remedy = fill(entry.remedy);
    super(`${code} ${fill(entry.what)}${why}\n  fix: ${remedy}`, options);
    this.name = 'CutoverError';
    this.code = code;
    this.details = details;
    this.remedy = remedy;
    this.exit = entry.exit ?? 1;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function fillIn(text: string, details: Details): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? `(${name} not known)`));
}
