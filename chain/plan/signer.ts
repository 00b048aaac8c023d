import type { SecretRef } from '@cutover/base/secrets.ts';

/**
 * Who signs. The key itself is read in the process that signs, and nowhere else.
 * - `local`: an account, 0 to 9, of the publicly known test mnemonic; refused on every chain but 31337.
 * - `env`: an environment variable that holds a private key.
 * - `file`: a file that holds a private key; relative to the project.
 */
export type SignerRef = { readonly kind: 'local'; readonly account: number } | SecretRef;

/** What anvil and Hardhat fund. Everybody has its keys. */
export const localMnemonic = 'test test test test test test test test test test test junk';
export const localAccounts = 10;
