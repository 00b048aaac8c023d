import { getParametersByPath } from '@pulumi/aws/ssm/getParametersByPath.js';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import type { Statement } from './policy-document.ts';
import { refuseProblems } from './problems.ts';
import { arnOf, type Site } from './site.ts';

/** Where a secret is kept, as a stack file names it. */
export interface SecretReference {
  readonly kind: 'ssm';
  /** `/<system>/<environment>/<area>/<name>`. */
  readonly name: string;
}

/** Secrets of a system by the names of their use; nothing of their values. */
export interface Secrets<Use extends string> {
  /** Paths in the parameter store. */
  readonly names: Readonly<Record<Use, string>>;
  /** ARNs, as a container's `secrets` take them. */
  readonly arns: Readonly<Record<Use, string>>;
  /** Reading exactly these. */
  readonly grant: readonly Statement[];
}

/**
 * The secrets of a system as references. Nothing is registered for them, on purpose: Pulumi keeps what a parameter is
 * made with in its state, encrypted but there, also for write-only arguments
 * (github.com/pulumi/pulumi-terraform-bridge/issues/3201), and a placeholder that people overwrite has its real value
 * read into the state by the next refresh. So values are put by people, and the program looks whether they are there.
 *
 * @example
 * const secrets = secretsOf(site, {
 *   JWT_SECRET: { kind: 'ssm', name: '/coinestate/staging/jwt/secret' },
 * });
 * await secretsInPlace(site, secrets.names);
 */
export function secretsOf<Use extends string>(
  site: Site,
  references: Readonly<Record<Use, SecretReference>>,
): Secrets<Use> {
  const entries = Object.entries<SecretReference>(references) as [Use, SecretReference][];
  const path = new RegExp(`^/${site.system}/${site.environment}(/[a-z0-9-]+){2,}$`);
  refuseProblems(
    'secrets',
    site.system,
    entries.map(([use, { name }]) =>
      path.test(name)
        ? undefined
        : `${use}: "${name}" is not below /${site.system}/${site.environment}/, as /${site.system}/${site.environment}/<area>/<name>`,
    ),
  );
  const record = (valueOf: (name: string) => string): Record<Use, string> =>
    Object.fromEntries(entries.map(([use, { name }]) => [use, valueOf(name)])) as Record<Use, string>;
  const arns = record((name) => arnOf(site, 'ssm', `parameter${name}`));
  return {
    names: record((name) => name),
    arns,
    grant: entries.length === 0 ? [] : readStatements(site, Object.values<string>(arns)),
  };
}

/**
 * Refuses when a secret is not there, or is kept in plain text. To be awaited before anything is registered. Values
 * stay encrypted on the way and are thrown away.
 *
 * SIDE EFFECTS: asks the parameter store, through the provider of the site, for what it has below the system's path.
 */
export async function secretsInPlace(site: Site, names: Readonly<Record<string, string>>): Promise<void> {
  const { account, region, system, environment } = site;
  const path = `/${system}/${environment}/`;
  const place = { system, account, region, path };
  let found: Awaited<ReturnType<typeof getParametersByPath>>;
  try {
    found = await getParametersByPath(
      { path, recursive: true, withDecryption: false, region },
      { provider: site.provider },
    );
  } catch (error) {
    throw new CutoverError('CUT-5434', { ...place, message: messageOf(error) });
  }
  const missing = missingSecrets(names, found);
  if (missing.length === 0) return;
  throw new CutoverError('CUT-5433', { ...place, list: missing.map((line) => `  - ${line}`).join('\n') });
}

/** The key may be used for these parameters only, whichever key they are encrypted with. */
function readStatements(site: Site, parameters: readonly string[]): readonly Statement[] {
  return [
    { sid: 'ReadSecrets', actions: ['ssm:GetParameters'], resources: parameters },
    {
      sid: 'DecryptSecrets',
      actions: ['kms:Decrypt'],
      resources: [arnOf(site, 'kms', 'key/*')],
      conditions: {
        StringEquals: {
          'kms:ViaService': [`ssm.${site.region}.amazonaws.com`],
          'kms:EncryptionContext:PARAMETER_ARN': parameters,
        },
      },
    },
  ];
}

/** Which secrets are not there or not encrypted, each in a line for people. */
export function missingSecrets(
  names: Readonly<Record<string, string>>,
  /** What the parameter store has: names, and in the same order how each is kept. */
  stored: { readonly names: readonly string[]; readonly types: readonly string[] },
): readonly string[] {
  const types = new Map(stored.names.map((name, index) => [name, stored.types[index]]));
  return Object.entries(names).flatMap(([use, name]) => {
    const type = types.get(name);
    if (type === 'SecureString') return [];
    return [
      type === undefined ? `${name} (${use}) is not there` : `${name} (${use}) is a ${type}, in plain text`,
    ];
  });
}
