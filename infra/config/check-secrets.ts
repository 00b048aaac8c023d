import { entries, problem, type Check } from './check.ts';
import type { ConfigDraft } from './draft.ts';
import type { Problem } from './problems.ts';
import { findSecret } from '@cutover/base/secret-looking.ts';
import { inline, type Path } from './show.ts';
import { systemSlugs } from './systems.ts';

type Environment = NonNullable<ConfigDraft['environment']>;

/** Where each kind of reference may be used, and what to use elsewhere. */
const usable: Readonly<Record<string, { readonly in: readonly Environment[]; readonly because: string }>> = {
  local: { in: ['dev'], because: 'its key is public' },
  file: { in: ['dev'], because: 'a file on one machine is no place for a shared secret' },
  ssm: { in: ['staging', 'prod'], because: 'dev works without a cloud account' },
  secretsManager: { in: ['staging', 'prod'], because: 'dev works without a cloud account' },
  kms: { in: ['staging', 'prod'], because: 'dev works without a cloud account' },
};
const owners: readonly string[] = [...Object.values(systemSlugs), 'cutover'];

/** References of a kind that fits the environment, with paths that say environment and system. */
export const checkReferences: Check = (config) => {
  const { environment, regions, signers } = config;
  if (environment === undefined) return [];
  return [
    ...referencesIn(config, []).flatMap(({ path, kind, name }) => [
      ...checkKind(path, kind, environment),
      ...(typeof name === 'string' ? checkPath(path, kind, name, environment) : []),
    ]),
    ...entries(signers).flatMap(([name, signer]) => {
      if (signer.kind !== 'kms' || signer.region === undefined || environment === 'dev') return [];
      if (regions === undefined || Object.hasOwn(regions, signer.region)) return [];
      return [
        problem(
          ['signers', name, 'region'],
          `is ${signer.region}, which cutover:regions does not list`,
          `region: ${Object.keys(regions)[0] ?? 'us-east-1'}`,
        ),
      ];
    }),
  ];
};

interface Found {
  readonly path: Path;
  readonly kind: string;
  readonly name: unknown;
}

/** Every reference of the file: the blocks whose kind is one of the kinds above. */
function referencesIn(value: unknown, path: Path): Found[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => referencesIn(each, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  const { kind, name } = value as { kind?: unknown; name?: unknown };
  if (typeof kind === 'string' && Object.hasOwn(usable, kind)) return [{ path, kind, name }];
  return Object.entries(value).flatMap(([key, each]) => referencesIn(each, [...path, key]));
}

function checkKind(path: Path, kind: string, environment: Environment): Problem[] {
  const rule = usable[kind];
  if (rule === undefined || rule.in.includes(environment)) return [];
  const right = path[0] === 'signers' ? usualSigner(String(path[1]), environment) : usualSecret(environment);
  return [
    problem(
      [...path, 'kind'],
      `is ${kind}, which is for ${rule.in.join(' and ')} only: ${rule.because}`,
      `${path.at(-1)}: ${inline(right)}`,
    ),
  ];
}

function usualSigner(name: string, environment: Environment): object {
  return environment === 'dev'
    ? { kind: 'local', account: 0 }
    : { kind: 'kms', name: `alias/${name}`, region: 'us-east-1' };
}

function usualSecret(environment: Environment): object {
  return environment === 'dev'
    ? { kind: 'env', name: 'NAME_OF_A_VARIABLE' }
    : { kind: 'ssm', name: `/system/${environment}/area/name` };
}

function checkPath(path: Path, kind: string, name: string, environment: Environment): Problem[] {
  if (kind !== 'ssm' && kind !== 'secretsManager') return [];
  const [, owner = '', stage, ...rest] = name.split('/');
  const at = [...path, 'name'];
  // A parameter of another environment is the mistake that a copied block brings.
  if (stage !== environment && environment !== 'dev') {
    return [
      problem(
        at,
        `is ${name}, a path of ${stage}; this is ${environment}`,
        `name: /${[owner, environment, ...rest].join('/')}`,
      ),
    ];
  }
  const own = path[0] === 'systems' ? ownerOf(path[1]) : undefined;
  if (own !== undefined && owner !== own) {
    return [
      problem(at, `is ${name}, which belongs to ${owner}`, `name: /${[own, stage, ...rest].join('/')}`),
    ];
  }
  if (owners.includes(owner)) return [];
  return [problem(at, `is ${name}; no system is called ${owner}: they are ${owners.join(', ')}`)];
}

function ownerOf(system: string | number | undefined): string | undefined {
  return (systemSlugs as Readonly<Record<string, string>>)[String(system)];
}

/** Secrets in plain text and encrypted values, anywhere in what was read, with where each is. Their values are never told. */
export function secretsIn(value: unknown, path: Path): Problem[] {
  if (typeof value === 'string') {
    const secret = findSecret(value);
    if (secret === undefined) return [];
    return [
      problem(
        path,
        `holds ${secret} in plain text (not shown); keep it elsewhere, name it here, and have it changed`,
        elsewhere(path),
      ),
    ];
  }
  if (Array.isArray(value)) return value.flatMap((each, index) => secretsIn(each, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  const pairs = Object.entries(value);
  if (pairs.length === 1 && pairs[0]?.[0] === 'secure') return [encrypted(path)];
  return pairs.flatMap(([key, each]) => secretsIn(each, [...path, key]));
}

/** An encrypted value of Pulumi: the program would see it in plain text, and so would the state. */
export function encrypted(path: Path): Problem {
  return problem(
    path,
    'holds an encrypted value; the program would carry it in plain text, so secrets are only named',
    path.length === 1 ? undefined : elsewhere(path),
  );
}

function elsewhere(path: Path): string {
  return `${path.at(-1)}: { kind: ssm, name: /system/environment/area/name }`;
}
