import type { Check } from './config/check.ts';
import { checkAuthorities } from './config/check-authorities.ts';
import { checkAws } from './config/check-aws.ts';
import { checkFigures } from './config/check-figures.ts';
import { checkLocal } from './config/check-local.ts';
import { checkNetworks } from './config/check-networks.ts';
import { checkRegions } from './config/check-regions.ts';
import { checkPolicyExceptions } from './config/check-policy.ts';
import { checkPrograms } from './config/check-programs.ts';
import { checkReferences, encrypted, secretsIn } from './config/check-secrets.ts';
import { checkSystems } from './config/check-systems.ts';
import { draftOf, type ConfigDraft } from './config/draft.ts';
import { localSchema, type LocalPorts } from './config/local.ts';
import { LOCAL_NODE } from './config/networks.ts';
import { problemsOf, type Problem } from './config/problems.ts';
import { refusal, withoutRepetition } from './config/refusal.ts';
import { configSchema, type ConfigValues } from './config/schema.ts';
import type { Path } from './config/show.ts';

/** A value that nothing can change any more, however deep. */
export type Frozen<T> = T extends readonly (infer Each)[]
  ? readonly Frozen<Each>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

type Shared = Frozen<Omit<ConfigValues, 'environment' | 'local'>>;

/** Everything that a stack says. `local` is there on dev and only there. */
export type CutoverConfig = Shared &
  (
    | {
        readonly environment: 'dev';
        readonly local: { readonly portOffset: number; readonly ports: LocalPorts };
      }
    | { readonly environment: 'staging' | 'prod'; readonly local?: undefined }
  );

export type SystemsConfig = CutoverConfig['systems'];

/** Where the values came from, for messages. */
export interface ReadOptions {
  /** The stack's name: its environment, or that and a hyphen and more. */
  readonly stack: string;
  /** The file that is named in messages. @default Pulumi.<stack>.yaml */
  readonly file?: string;
  /** Keys whose values the engine keeps encrypted. @default none */
  readonly encrypted?: readonly string[];
  /** Problems that were seen before, in the file's text. @default none */
  readonly problems?: readonly Problem[];
  /** The line of the stack file that a path leads to. @default no lines are told */
  readonly lineOf?: (path: Path) => number | undefined;
}

const PREFIX = 'cutover:';
const checks: readonly Check[] = [
  checkLocal,
  checkNetworks,
  checkAuthorities,
  checkReferences,
  checkRegions,
  checkAws,
  checkSystems,
  checkPrograms,
  checkFigures,
  checkPolicyExceptions,
];

/**
 * Reads the configuration of a stack: a flat map of its blocks, each an object or, as the engine hands it over, JSON.
 * Returns it typed, with defaults filled in and frozen, or throws one CUT-1000 that lists everything that is wrong.
 */
export function readConfig(raw: Readonly<Record<string, unknown>>, options: ReadOptions): CutoverConfig {
  const values = blocksOf(raw);
  const secrets = [
    ...(options.encrypted ?? [])
      .filter((key) => Object.hasOwn(raw, key))
      .map((key) => encrypted([blockName(key)])),
    ...secretsIn(values, []),
  ];
  const parsed = configSchema.safeParse(values);
  const draft = (parsed.success ? parsed.data : draftOf(configSchema, values)) as ConfigDraft;
  const problems = withoutRepetition(
    [
      ...(options.problems ?? []),
      ...(parsed.success ? [] : problemsOf(configSchema, values, parsed.error.issues)),
      ...checkStack(draft, options.stack),
      ...checks.flatMap((check) => check(draft)),
    ],
    secrets,
  );
  if (problems.length > 0 || !parsed.success) {
    throw refusal(options.file ?? `Pulumi.${options.stack}.yaml`, problems, options.lineOf);
  }
  return deepFreeze(withLocalPorts(parsed.data)) as CutoverConfig;
}

/** Keys of the running program's configuration that the engine keeps encrypted. */
export function encryptedKeys(environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const keys: unknown = JSON.parse(environment['PULUMI_CONFIG_SECRET_KEYS'] ?? '[]');
  return Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
}

/** The blocks by their names without prefix, and what the engine hands over as JSON read. */
function blocksOf(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const pairs = Object.entries(raw)
    // Settings of the engine itself.
    .filter(([key]) => !key.startsWith('pulumi:'))
    .map(([key, value]) => [blockName(key), typeof value === 'string' ? readJson(value) : value] as const);
  return Object.fromEntries(pairs);
}

function blockName(key: string): string {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key;
}

function readJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A stack whose name says one environment and whose file says another would change the wrong world. */
function checkStack({ environment }: ConfigDraft, stack: string): Problem[] {
  if (environment === undefined || stack === environment || stack.startsWith(`${environment}-`)) return [];
  const named = configSchema.shape.environment.options.find(
    (each) => stack === each || stack.startsWith(`${each}-`),
  );
  const wrong = `is ${environment}, but the stack is called ${stack}`;
  return [
    named === undefined
      ? {
          path: ['environment'],
          wrong: `${wrong}; a name begins with its environment, as in ${environment}-${stack}`,
        }
      : { path: ['environment'], wrong, example: `environment: ${named}` },
  ];
}

/** Fills in what depends on this machine's ports: the ports themselves and the endpoints of its own nodes. */
function withLocalPorts(values: ConfigValues): ConfigValues {
  if (values.environment !== 'dev') return values;
  const local = values.local ?? localSchema.parse({});
  const { portOffset } = local;
  const ports = Object.fromEntries(
    Object.entries(local.ports).map(([name, port]) => [name, port + portOffset]),
  ) as typeof local.ports;
  const networks = Object.fromEntries(
    Object.entries(values.networks).map(([name, network]) => {
      const url = `http://127.0.0.1:${network.kind === 'evm' ? ports.evm : ports.solana}`;
      const endpoints = network.endpoints.map((each) => (each.url === LOCAL_NODE ? { ...each, url } : each));
      return [name, { ...network, endpoints }];
    }),
  );
  return { ...values, local: { portOffset, ports }, networks };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const each of Object.values(value)) deepFreeze(each);
  }
  return value;
}
