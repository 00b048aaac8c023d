import { getAddress } from 'ethers/address';
import { z } from 'zod';
import { about, amount, nameOf, named, text } from './fields.ts';

const address = (description: string) =>
  about(
    z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/, { error: 'it must be an address: 0x and 40 hexadecimal digits' })
      .refine(hasRightChecksum, { error: 'its checksum is wrong: a digit may be mistyped' }),
    description,
    '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  );

const safe = about(
  z.strictObject({
    kind: z.literal('safe'),
    address: address('Where the Safe is.'),
    gas: nameOf('signer', 'gemforce-deployer'),
    signers: about(
      z.array(nameOf('signer', 'gemforce-owner-1')),
      'Owners whose keys this stack may use. None: all approvals come from outside, by ./cutover approve.',
    ).optional(),
    service: text(
      /^https:\/\/[^\s?#]+$/,
      'an https:// URL without a query',
      'A Safe transaction service to propose to and to collect approvals from.',
      'https://api.safe.global/tx-service/eth',
    ).optional(),
  }),
  'A Safe: its owners approve, `gas` pays for what they approved.',
);

const timelock = about(
  z.strictObject({
    kind: z.literal('timelock'),
    address: address('Where the TimelockController is. Left out: this stack deploys one.').optional(),
    proposer: accountName('gemforce-safe'),
    executor: nameOf('signer', 'gemforce-deployer'),
    delayHours: amount(0, 8760, 'The least delay that is accepted, in hours.', 48),
  }),
  'A TimelockController: what its proposer schedules may happen after a delay.',
);

/** The name of who has a right: a signer, or one of the contracts of `cutover:authorities`. */
export function accountName(example: string): z.ZodString {
  return nameOf('signer or authority', example);
}

/** Contracts that others act through, by name. */
export const authoritiesSchema = named(
  z.discriminatedUnion('kind', [safe, timelock]).meta({
    examples: [
      {
        kind: 'safe',
        address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
        gas: 'gemforce-deployer',
        signers: [],
      },
    ],
  }),
  'Contracts that hold rights, by name: a Safe, or a time lock with a Safe or a signer in front. Empty on dev.',
);

function hasRightChecksum(given: string): boolean {
  try {
    getAddress(given);
    return true;
  } catch {
    // Of another form: that is told already.
    return !/^0x[0-9a-fA-F]{40}$/.test(given);
  }
}
