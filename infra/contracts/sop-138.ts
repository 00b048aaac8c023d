import type { PreparedContract } from '@cutover/chain/evm/prepare.ts';
import { roleNamed } from '@cutover/chain/plan/roles.ts';
import { Contract } from '@cutover/chain/resources/contract.ts';
import type { CutoverConfig } from '../config.ts';

/** Who has which role of 138's contract, as addresses. */
export type OperationsAccounts = Readonly<
  Record<'admin' | 'authority' | 'registrar' | 'validator' | 'pauser' | 'guardian' | 'recovery', string>
>;

/** SecuredOperations, compiled and checked. */
export function operationsContract(
  { operations }: CutoverConfig['systems']['sop138'],
  accounts: OperationsAccounts,
): Promise<PreparedContract> {
  const { admin, authority, registrar, validator, pauser, guardian, recovery } = accounts;
  return Contract.prepare({
    artifact: {
      kind: 'source',
      source: 'chain/contracts/sop-138/SecuredOperations.sol',
      contract: 'SecuredOperations',
    },
    args: {
      setup: {
        ...{ admin, authority, registrar, validator, pauser, guardian },
        recoveryAddress: recovery,
        adminDelay: operations.adminDelayHours * 3600,
        exitDelay: operations.exitDelayHours * 3600,
      },
    },
    expects: [
      { view: 'defaultAdmin', returns: admin },
      { view: 'hasRole', args: [roleNamed('AUTHORITY_ROLE').id, authority], returns: true },
      { view: 'recoveryAddress', returns: recovery },
    ],
  });
}

/** Its roles with their holders. The admin's own is handed on in two steps, by its holder. */
export function operationsRoles(accounts: OperationsAccounts): Readonly<Record<string, readonly string[]>> {
  const { admin, authority, registrar, validator, pauser, guardian } = accounts;
  return {
    AUTHORITY_ROLE: [authority],
    REGISTRAR_ROLE: [registrar],
    VALIDATOR_ROLE: [validator],
    PAUSER_ROLE: [pauser],
    EMERGENCY_ROLE: [guardian],
    UNPAUSER_ROLE: [admin],
    RECOVERY_ROLE: [admin],
  };
}
