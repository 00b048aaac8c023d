import { z } from 'zod';
import { text } from './fields.ts';
import { awsRegion } from './regions.ts';

const environmentVariable = text(
  /^[A-Z_][A-Z0-9_]*$/,
  'the name of an environment variable, in capitals',
  'The environment variable that holds it.',
  'GEMFORCE_MASTER_KEY',
);
const fileName = text(
  /^[^\0]+$/,
  'the path of a file',
  'The file that holds it, relative to the project.',
  '.cutover/dev/secrets/gemforce-master-key',
);
const parameter = text(
  /^\/[a-z0-9-]+\/(dev|staging|prod)(\/[a-z0-9-]+){2,}$/,
  'a path of the form /system/environment/area/name',
  'The path that holds it: /system/environment/area/name.',
  '/gemforce/prod/parse/master-key',
);

const region = awsRegion('Where it is. Left out: in the region of whoever reads it.').optional();

// The kinds of references, shared with signers. The ids keep the editors' schema from repeating them a hundred times.
export const inEnvironment = z
  .strictObject({ kind: z.literal('env'), name: environmentVariable })
  .register(z.globalRegistry, { id: 'env' });
export const inFile = z
  .strictObject({ kind: z.literal('file'), name: fileName })
  .register(z.globalRegistry, { id: 'file' });
export const inParameterStore = z
  .strictObject({ kind: z.literal('ssm'), name: parameter, region })
  .register(z.globalRegistry, { id: 'ssm' });
export const inSecretsManager = z
  .strictObject({ kind: z.literal('secretsManager'), name: parameter, region })
  .register(z.globalRegistry, { id: 'secretsManager' });

const kinds = z.discriminatedUnion('kind', [inEnvironment, inFile, inParameterStore, inSecretsManager]);

/** Where a secret is kept: an environment variable, a file, the SSM parameter store or AWS Secrets Manager. */
export type Reference = z.output<typeof kinds>;

/** A secret by reference. The value itself is never written into a stack file. */
export function reference(description: string, path: string): typeof kinds {
  return kinds.meta({ description, examples: [{ kind: 'ssm', name: path }] });
}
