import { describe, expect, it } from 'vitest';
import {
  erc1967Slots,
  erc7201Slot,
  keccakSlot,
  printSlot,
  shortSlot,
} from '@cutover/chain/plan/layout/slots.ts';

describe('slots of namespaces', () => {
  // As OpenZeppelin 5 publishes them in its upgradeable contracts, and ERC-7201 in its example.
  it.each([
    ['example.main', '0x183a6125c38840424c4a85fa12bab2ab606c4b6d0e7cc73c0c06ba5300eab500'],
    ['openzeppelin.storage.Ownable', '0x9016d09d72d40fdae2fd8ceac6b6234c7706214fd39c1cd1e609a0528c199300'],
    [
      'openzeppelin.storage.Initializable',
      '0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00',
    ],
    ['openzeppelin.storage.ERC20', '0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00'],
    ['openzeppelin.storage.Pausable', '0xcd5ed15c6e187e77e9aee88184c21f4f2182ab5827cb3b7e07fbedcd63f03300'],
    [
      'openzeppelin.storage.AccessControl',
      '0x02dd7bc7dec4dceedda775e58dd541e08a116c6c53815c0bd028192f7b626800',
    ],
  ])('%s lies where its publisher says', (id, slot) => {
    expect(printSlot(erc7201Slot(id))).toBe(slot);
  });

  it('the diamond standard’s own lies at the hash of its name', () => {
    expect(printSlot(keccakSlot('diamond.standard.diamond.storage'))).toBe(
      '0xc8fcad8db84d3cc18b4c41d551ea0ee66dd599cde068d998e57d5e09332c131c',
    );
  });

  it('those of a proxy are where ERC-1967 puts them', () => {
    expect(Object.entries(erc1967Slots).map(([id, slot]) => [id, printSlot(slot)])).toEqual([
      ['eip1967.proxy.implementation', '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'],
      ['eip1967.proxy.admin', '0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103'],
      ['eip1967.proxy.beacon', '0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50'],
    ]);
  });

  it('are numbers while they are small, and their two ends when they are hashes', () => {
    expect([shortSlot(3n), shortSlot(erc7201Slot('example.main'))]).toEqual(['3', '0x183a6125…b500']);
  });
});
