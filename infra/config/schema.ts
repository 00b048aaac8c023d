import { z } from 'zod';
import { authoritiesSchema } from './authorities.ts';
import { awsSchema } from './aws.ts';
import { oneOf } from './fields.ts';
import { gatesSchema } from './gates.ts';
import { localSchema } from './local.ts';
import { networksSchema } from './networks.ts';
import { notificationsSchema } from './notifications.ts';
import { policyExceptionsSchema } from './policy.ts';
import { regionsSchema } from './regions.ts';
import { signersSchema } from './signers.ts';
import { systemsSchema } from './systems.ts';

/** Every block of a stack file; in YAML its name follows `cutover:`. */
export const configSchema = z.strictObject({
  environment: oneOf(
    ['dev', 'staging', 'prod'],
    "Which environment this stack is. The stack's name begins with it.",
  ),
  local: localSchema.optional(),
  networks: networksSchema,
  notifications: notificationsSchema.optional(),
  signers: signersSchema,
  authorities: authoritiesSchema,
  aws: awsSchema.optional(),
  regions: regionsSchema,
  gates: gatesSchema,
  policyExceptions: policyExceptionsSchema.optional(),
  systems: systemsSchema,
});

/** What a stack file holds once defaults are filled in. */
export type ConfigValues = z.output<typeof configSchema>;
