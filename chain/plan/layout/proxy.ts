import type { StorageLayout } from './layout.ts';
import { erc1967Slots } from './slots.ts';

/** What every proxy of ERC-1967 keeps in the storage that it shares with its implementation: three addresses. */
export const erc1967Layout: StorageLayout = {
  contract: 'ERC1967Proxy',
  areas: Object.entries(erc1967Slots).map(([id, slot]) => ({
    kind: 'namespace',
    id,
    slot,
    variables: [{ label: 'value', slot: 0n, offset: 0, type: 0 }],
  })),
  types: [{ kind: 'value', label: 'address', bytes: 20 }],
  notUnderstood: [],
};
