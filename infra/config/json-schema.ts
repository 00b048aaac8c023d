import { z } from 'zod';
import { configSchema } from './schema.ts';

const PREFIX = 'cutover:';

/** Where the schema is kept; each stack file names it in its first line. */
export const SCHEMA_FILE = 'infra/config.schema.json';

/** The JSON schema of a stack file, for editors: what zod checks, inside what Pulumi puts around it. */
export function stackFileSchema(): Readonly<Record<string, unknown>> {
  const { $schema, properties, required, definitions, ...blocks } = z.toJSONSchema(configSchema, {
    target: 'draft-07',
    io: 'input',
  });
  const withPrefix = Object.entries(properties ?? {}).map(
    ([name, block]) => [`${PREFIX}${name}`, block] as const,
  );
  return {
    $schema,
    title: 'A stack of Cutover',
    description: 'Made from infra/config/*.ts by `node ops/write-schema.ts`; do not edit.',
    type: 'object',
    properties: {
      config: {
        ...blocks,
        description: 'Everything that the program reads.',
        properties: Object.fromEntries(withPrefix),
        required: (required ?? []).map((name) => `${PREFIX}${name}`),
      },
      encryptionsalt: {
        type: 'string',
        description: 'Written by Pulumi when a passphrase guards the state.',
      },
      encryptedkey: { type: 'string', description: 'Written by Pulumi when a cloud key guards the state.' },
      secretsprovider: { type: 'string', description: 'Which cloud key guards the state.' },
    },
    required: ['config'],
    additionalProperties: false,
    definitions,
  };
}

/** The text of the schema's file. */
export function schemaText(): string {
  return `${JSON.stringify(stackFileSchema(), null, 2)}\n`;
}
