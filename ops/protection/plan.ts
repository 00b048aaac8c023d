import { CutoverError } from '@cutover/base/errors.ts';

/** How far an environment is protected. */
export type Protection = 'none' | 'locked';

/** What is protected, by environment: in staging all can be made again, in prod data cannot. */
export const protection: Readonly<Record<'dev' | 'staging' | 'prod', Protection>> = {
  dev: 'none',
  staging: 'none',
  prod: 'locked',
};

/** What holds something that cannot be made again: data, the keys to it, its backups, names that others know. */
export const statefulTypes: readonly string[] = [
  'aws:backup/vault:Vault',
  'aws:cloudtrail/trail:Trail',
  'aws:ecr/repository:Repository',
  'aws:elasticache/globalReplicationGroup:GlobalReplicationGroup',
  'aws:elasticache/replicationGroup:ReplicationGroup',
  'aws:kms/key:Key',
  'aws:kms/replicaKey:ReplicaKey',
  'aws:rds/cluster:Cluster',
  'aws:rds/clusterInstance:ClusterInstance',
  'aws:rds/globalCluster:GlobalCluster',
  'aws:rds/instance:Instance',
  'aws:route53/zone:Zone',
  'aws:s3/bucket:Bucket',
  'aws:secretsmanager/secret:Secret',
  'pulumi-nodejs:dynamic/cutover:Program',
];

/** How far a stack is protected. One called prod is, whatever its file says. */
export function protectionOf(stack: string, environment: unknown): Protection {
  return stack === 'prod' || environment === 'prod' ? protection.prod : protection.staging;
}

/**
 * What a command line of the Pulumi CLI may do to a stack.
 * - `destroys`: takes all of it away, or makes the state forget or no longer protect something.
 * - `updates`: may delete or replace something; a preview tells.
 * - `harmless`: anything else.
 */
export type Demand = 'destroys' | 'updates' | 'harmless';

/** What a command line of the Pulumi CLI may do to a stack. */
export function demandOf(argv: readonly string[]): Demand {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  if (own.some((word) => word === '--help' || word === '-h' || word === '--preview-only')) return 'harmless';
  const [command = '', below = ''] = words(own);
  if (['destroy', 'down', 'dn', 'watch'].includes(command)) return 'destroys';
  if (command === 'stack') return ['rm', 'remove', 'import'].includes(below) ? 'destroys' : 'harmless';
  if (command === 'state') {
    return ['delete', 'edit', 'move', 'unprotect'].includes(below) ? 'destroys' : 'harmless';
  }
  return ['up', 'update'].includes(command) ? 'updates' : 'harmless';
}

/** The command line of the preview that shows what an update would do. */
export function previewOf(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const kept = own.filter(
    (word) =>
      !['up', 'update'].includes(word) &&
      !/^(-[yfj]+|--(yes|skip-preview|json|diff|continue-on-error|strict|expect-no-changes)(=.*)?)$/.test(
        word,
      ),
  );
  return ['preview', ...kept, '--json', '--non-interactive'];
}

/** One step of a preview, as the CLI tells it. */
export interface PreviewStep {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: { readonly type?: string };
}

/** The stateful things that steps would delete or replace, each once. */
export function losses(steps: readonly PreviewStep[]): readonly string[] {
  const lost = steps.filter(
    ({ op, oldState, urn }) =>
      /^(delete|replace|create-replacement)|replaced$|^discard/.test(op) &&
      statefulTypes.includes(oldState?.type ?? typeIn(urn)),
  );
  return [...new Set(lost.map(({ urn }) => urn))];
}

/** Who unlocked a stack, why, and until when. */
export interface Unlocked {
  readonly stack: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
  readonly until: string;
}

/** Whether a stack is unlocked. What cannot be read as a time unlocks nothing. */
export function isOpen(unlocked: Unlocked | undefined, stack: string, now: number): boolean {
  if (unlocked === undefined || unlocked.stack !== stack) return false;
  const [from, until] = [Date.parse(unlocked.at), Date.parse(unlocked.until)];
  return from <= now + skew && until > now && until - from <= longest;
}

const minute = 60_000;
// Between the clocks of two machines. One that was set back makes no unlock last longer.
const skew = 5 * minute;
const longest = 24 * 60 * minute;

/** Milliseconds of `90m` or `2h`; 5 minutes to a day. */
export function lengthOf(text: string): number {
  const [, figure, unit] = /^(\d{1,4})(m|h)$/.exec(text) ?? [];
  const milliseconds = Number(figure) * (unit === 'h' ? 60 : 1) * minute;
  if (milliseconds >= 5 * minute && milliseconds <= longest) return milliseconds;
  throw new CutoverError('CUT-5482', { what: text === '' ? 'Nothing' : text });
}

// `urn:pulumi:prod::cutover::cutover:aws:Postgres$aws:rds/instance:Instance::name`
function typeIn(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? '';
}

/** Words that are neither flags nor values of the flags that commands take before them. */
function words(argv: readonly string[]): readonly string[] {
  return argv.filter((word, at) => !word.startsWith('-') && !takesValue.test(argv[at - 1] ?? ''));
}

const takesValue =
  /^(-[sCcmpv]|--(stack|cwd|color|config|config-file|message|parallel|verbose|tracing|profiling|memprofilerate|otel-traces))$/;
