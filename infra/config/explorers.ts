import { z } from 'zod';
import { explorerName } from '@cutover/chain/plan/verification/explorer.ts';
import { about, amount, text } from './fields.ts';
import { reference } from './reference.ts';

const url = text(
  /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$))[^\s?#@]*$/,
  'an https:// URL without user, query and fragment',
  "Where its API answers. Left out: the explorer's own.",
  'https://base.blockscout.com/api',
).optional();

const requestsPerSecond = amount(
  0.1,
  100,
  'Calls that its owner allows in a second. Left out: 3.',
  3,
).optional();

const etherscan = z
  .strictObject({
    kind: z.literal('etherscan'),
    apiKey: reference('Where its API key is kept.', '/cutover/prod/explorers/etherscan').optional(),
    url,
    requestsPerSecond,
  })
  .refine((explorer) => explorer.apiKey !== undefined || explorer.url !== undefined, {
    error: 'Etherscan wants an apiKey; an explorer without one is named by its url',
  });

const sourcify = z.strictObject({ kind: z.literal('sourcify'), url, requestsPerSecond });

/** Where sources of contracts on a chain are shown. */
export const explorersSchema = about(
  z
    .array(z.discriminatedUnion('kind', [etherscan, sourcify]))
    .refine((explorers) => new Set(explorers.map(explorerName)).size === explorers.length, {
      error: 'two of them are the same explorer',
    }),
  'Where the sources of contracts are shown: Etherscan (one key for all its chains), Blockscout by its URL, Sourcify. None: nowhere.',
  [
    { kind: 'etherscan', apiKey: { kind: 'ssm', name: '/cutover/prod/explorers/etherscan' } },
    { kind: 'sourcify' },
  ],
);
