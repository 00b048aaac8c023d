import type { PreparedContract } from '@cutover/chain/evm/prepare.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import type { CutoverConfig } from '../config.ts';

/** Who has which role of the property token, as addresses. */
export type TokenAccounts = Readonly<
  Record<'admin' | 'minter' | 'identity' | 'pauser' | 'recoverer' | 'royalties', string>
>;

/** The property token, compiled and checked. */
export function propertyToken(
  { token }: CutoverConfig['systems']['coinestate'],
  accounts: TokenAccounts,
): Promise<PreparedContract> {
  const { admin, minter, identity, pauser, recoverer, royalties } = accounts;
  return Contract.prepare({
    artifact: {
      kind: 'source',
      source: 'chain/contracts/coinestate/PropertyToken.sol',
      contract: 'PropertyToken',
    },
    args: {
      setup: {
        name: token.name,
        symbol: token.symbol,
        shares: token.shares,
        ...{ admin, minter, identity, pauser, recoverer },
        royaltyReceiver: royalties,
        royalty: Math.round(token.royaltyPercent * 100),
        adminDelay: token.adminDelayHours * 3600,
        recoveryDelay: token.recoveryDelayHours * 3600,
      },
    },
    expects: [
      { view: 'defaultAdmin', returns: admin },
      { view: 'name', returns: token.name },
      { view: 'shares', returns: token.shares },
    ],
  });
}

/** Its roles with their holders. The admin's own is handed on in two steps, by its holder. */
export function tokenRoles(accounts: TokenAccounts): Readonly<Record<string, readonly string[]>> {
  const { admin, minter, identity, pauser, recoverer } = accounts;
  return {
    MINTER_ROLE: [minter],
    IDENTITY_ROLE: [identity],
    PAUSER_ROLE: [pauser],
    RECOVERY_ROLE: [recoverer],
    UNPAUSER_ROLE: [admin],
  };
}
