import { Interface } from 'ethers/abi';
import { id } from 'ethers/hash';
import type { Abi } from '../artifact.ts';
import { timelockRoles } from './timelock-operation.ts';

/** What a contract said about permission when it refused a call. */
export type PermissionRefusal =
  | { readonly kind: 'role'; readonly role: string }
  /** Or anything else: whether it is for the owner only, the contract can be asked. */
  | { readonly kind: 'other' };

const errors = new Interface([
  'error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)',
  'error OwnableUnauthorizedAccount(address account)',
  'error Error(string reason)',
]);

/** Reads what a refused call answered: which role was lacking. */
export function permissionIn(data: string | undefined): PermissionRefusal {
  if (data === undefined || data.length < 10) return { kind: 'other' };
  try {
    const parsed = errors.parseError(data);
    if (parsed?.name === 'AccessControlUnauthorizedAccount')
      return { kind: 'role', role: String(parsed.args[1]) };
    // AccessControl of OpenZeppelin 4 says it in words.
    const old = /missing role (0x[0-9a-f]{64})/.exec(String(parsed?.args[0]));
    return old?.[1] === undefined ? { kind: 'other' } : { kind: 'role', role: old[1] };
  } catch {
    return { kind: 'other' };
  }
}

const names = new Map([
  [`0x${'00'.repeat(32)}`, 'DEFAULT_ADMIN_ROLE'],
  ...Object.entries(timelockRoles).map(([name, role]) => [role, `${name.toUpperCase()}_ROLE`] as const),
  ...[
    // Usual ones, and those of the contracts of this project.
    ...['PAUSER', 'UNPAUSER', 'MINTER', 'BURNER', 'UPGRADER', 'ADMIN', 'OPERATOR', 'GOVERNOR', 'GUARDIAN'],
    ...['AUTHORITY', 'CAPS', 'CREATOR', 'CURATOR', 'CUTTER', 'EMERGENCY', 'IDENTITY', 'RECOVERY'],
    ...['REGISTRAR', 'VALIDATOR', 'WITHDRAWER'],
  ].map((name) => [id(`${name}_ROLE`), `${name}_ROLE`] as const),
]);

/** A role by its usual name or, as contracts publish them (`function MINTER_ROLE()`), by that of an ABI. */
export function roleName(role: string, abi: Abi = []): string {
  const published = abi.find(
    ({ type, name, inputs }) =>
      type === 'function' && name !== undefined && inputs?.length === 0 && id(name) === role.toLowerCase(),
  );
  return names.get(role.toLowerCase()) ?? published?.name ?? role;
}

/** Holders of a role as its events tell, oldest first. */
export function holdersFrom(
  events: readonly { readonly granted: boolean; readonly account: string }[],
): readonly string[] {
  const holders = new Set<string>();
  for (const { granted, account } of events) {
    if (granted) holders.add(account);
    else holders.delete(account);
  }
  return [...holders];
}

/** Errors of standard contracts, so that a refusal is told in words even without the contract's own ABI. */
export const standardErrors = [
  'error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)',
  'error OwnableUnauthorizedAccount(address account)',
  'error OwnableInvalidOwner(address owner)',
  'error EnforcedPause()',
  'error ExpectedPause()',
  'error ReentrancyGuardReentrantCall()',
  'error InvalidInitialization()',
  'error FailedCall()',
  'error InsufficientBalance(uint256 balance, uint256 needed)',
];
