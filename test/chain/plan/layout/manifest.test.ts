import { describe, expect, it } from 'vitest';
import { compareLayouts } from '@cutover/chain/plan/layout/compare-layouts.ts';
import { layoutFromManifest } from '@cutover/chain/plan/layout/manifest.ts';
import { readingOf, type Sketch } from './kit.ts';

const row = (label: string, type: string, slot: string, offset = 0): object => ({
  label,
  type,
  slot,
  offset,
  contract: 'Vault',
  src: 'contracts/Vault.sol:9',
});

/** As @openzeppelin/upgrades-core writes it. */
const layout = {
  solcVersion: '0.8.24',
  storage: [
    row('owner', 't_address', '0'),
    row('state', 't_enum(State)12', '0', 20),
    row('accounts', 't_mapping(t_address,t_struct(Account)44_storage)', '1'),
    row('shares', 't_userDefinedValueType(Shares)7', '2'),
  ],
  types: {
    t_address: { label: 'address', numberOfBytes: '20' },
    t_uint128: { label: 'uint128', numberOfBytes: '16' },
    't_enum(State)12': { label: 'enum State', members: ['Open', 'Closed'], numberOfBytes: '1' },
    't_struct(Account)44_storage': {
      label: 'struct Account',
      members: [row('balance', 't_uint128', '0')],
      numberOfBytes: '32',
    },
    't_mapping(t_address,t_struct(Account)44_storage)': {
      label: 'mapping(address => struct Account)',
      numberOfBytes: '32',
    },
    't_userDefinedValueType(Shares)7': { label: 'Shares', numberOfBytes: '16', underlying: 't_uint128' },
  },
  namespaces: { 'erc7201:example.main': [row('x', 't_uint128', '0')] },
};

const sketch: Sketch = {
  variables: 'address owner; State state; mapping(address => Account) accounts; Shares shares',
  structs: { Account: 'uint128 balance', Main: 'uint128 x' },
  enums: { State: 'Open, Closed' },
  aliases: { Shares: 'uint128' },
  namespaces: { 'example.main': 'Main' },
};

describe('a manifest of OpenZeppelin’s plugins', () => {
  it('gives the old layout of a contract that they upgraded until now', () => {
    const old = layoutFromManifest('contracts/Vault.sol:Vault', layout);
    expect(compareLayouts('Vault', old, readingOf(sketch))).toMatchObject({ findings: [], unchanged: 5 });
    const next = readingOf({ ...sketch, enums: { State: 'Closed, Open' } });
    expect(compareLayouts('Vault', old, next)).toMatchObject({
      verdict: 'breaks',
      findings: [{ path: 'Vault.state' }],
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no slots', { ...layout, storage: [{ label: 'owner', type: 't_address' }] }],
    ['a type that is not there', { ...layout, storage: [row('x', 't_bytes32', '0')] }],
    ['a namespace by another formula', { ...layout, namespaces: { 'own:example': [] } }],
  ])('that has %s is unknown', (_, value) => {
    expect(layoutFromManifest('Vault', value)).toMatchObject({ kind: 'unknown' });
  });
});
