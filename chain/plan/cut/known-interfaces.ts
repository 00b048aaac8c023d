import type { ContractInterface } from './interface-id.ts';

/**
 * Interfaces that a diamond's callers ask for by ERC-165. Selectors are written out, since hashing them takes longer
 * than all the rest of a small plan; a test computes them again.
 */
export const knownInterfaces: readonly ContractInterface[] = [
  {
    name: 'ERC-165',
    id: '0x01ffc9a7',
    functions: [{ selector: '0x01ffc9a7', signature: 'supportsInterface(bytes4)' }],
  },
  {
    name: 'IDiamondCut',
    id: '0x1f931c1c',
    functions: [
      { selector: '0x1f931c1c', signature: 'diamondCut((address,uint8,bytes4[])[],address,bytes)' },
    ],
  },
  {
    name: 'IDiamondLoupe',
    id: '0x48e2b093',
    functions: [
      { selector: '0x7a0ed627', signature: 'facets()' },
      { selector: '0xadfca15e', signature: 'facetFunctionSelectors(address)' },
      { selector: '0x52ef6b2c', signature: 'facetAddresses()' },
      { selector: '0xcdffacc6', signature: 'facetAddress(bytes4)' },
    ],
  },
  {
    name: 'ERC-173',
    id: '0x7f5828d0',
    functions: [
      { selector: '0x8da5cb5b', signature: 'owner()' },
      { selector: '0xf2fde38b', signature: 'transferOwnership(address)' },
    ],
  },
  {
    name: 'IAccessControl',
    id: '0x7965db0b',
    functions: [
      { selector: '0x91d14854', signature: 'hasRole(bytes32,address)' },
      { selector: '0x248a9ca3', signature: 'getRoleAdmin(bytes32)' },
      { selector: '0x2f2ff15d', signature: 'grantRole(bytes32,address)' },
      { selector: '0xd547741f', signature: 'revokeRole(bytes32,address)' },
      { selector: '0x36568abe', signature: 'renounceRole(bytes32,address)' },
    ],
  },
  {
    name: 'ERC-20',
    id: '0x36372b07',
    functions: [
      { selector: '0x18160ddd', signature: 'totalSupply()' },
      { selector: '0x70a08231', signature: 'balanceOf(address)' },
      { selector: '0xa9059cbb', signature: 'transfer(address,uint256)' },
      { selector: '0xdd62ed3e', signature: 'allowance(address,address)' },
      { selector: '0x095ea7b3', signature: 'approve(address,uint256)' },
      { selector: '0x23b872dd', signature: 'transferFrom(address,address,uint256)' },
    ],
  },
  {
    name: 'ERC-721',
    id: '0x80ac58cd',
    functions: [
      { selector: '0x70a08231', signature: 'balanceOf(address)' },
      { selector: '0x6352211e', signature: 'ownerOf(uint256)' },
      { selector: '0x095ea7b3', signature: 'approve(address,uint256)' },
      { selector: '0x081812fc', signature: 'getApproved(uint256)' },
      { selector: '0xa22cb465', signature: 'setApprovalForAll(address,bool)' },
      { selector: '0xe985e9c5', signature: 'isApprovedForAll(address,address)' },
      { selector: '0x23b872dd', signature: 'transferFrom(address,address,uint256)' },
      { selector: '0x42842e0e', signature: 'safeTransferFrom(address,address,uint256)' },
      { selector: '0xb88d4fde', signature: 'safeTransferFrom(address,address,uint256,bytes)' },
    ],
  },
  {
    name: 'ERC-721 Metadata',
    id: '0x5b5e139f',
    functions: [
      { selector: '0x06fdde03', signature: 'name()' },
      { selector: '0x95d89b41', signature: 'symbol()' },
      { selector: '0xc87b56dd', signature: 'tokenURI(uint256)' },
    ],
  },
  {
    name: 'ERC-721 Enumerable',
    id: '0x780e9d63',
    functions: [
      { selector: '0x18160ddd', signature: 'totalSupply()' },
      { selector: '0x2f745c59', signature: 'tokenOfOwnerByIndex(address,uint256)' },
      { selector: '0x4f6ccce7', signature: 'tokenByIndex(uint256)' },
    ],
  },
  {
    name: 'ERC-721 Receiver',
    id: '0x150b7a02',
    functions: [{ selector: '0x150b7a02', signature: 'onERC721Received(address,address,uint256,bytes)' }],
  },
  {
    name: 'ERC-1155',
    id: '0xd9b67a26',
    functions: [
      { selector: '0x00fdd58e', signature: 'balanceOf(address,uint256)' },
      { selector: '0x4e1273f4', signature: 'balanceOfBatch(address[],uint256[])' },
      { selector: '0xa22cb465', signature: 'setApprovalForAll(address,bool)' },
      { selector: '0xe985e9c5', signature: 'isApprovedForAll(address,address)' },
      { selector: '0xf242432a', signature: 'safeTransferFrom(address,address,uint256,uint256,bytes)' },
      {
        selector: '0x2eb2c2d6',
        signature: 'safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)',
      },
    ],
  },
  {
    name: 'ERC-1155 Metadata',
    id: '0x0e89341c',
    functions: [{ selector: '0x0e89341c', signature: 'uri(uint256)' }],
  },
  {
    name: 'ERC-1155 Receiver',
    id: '0x4e2312e0',
    functions: [
      { selector: '0xf23a6e61', signature: 'onERC1155Received(address,address,uint256,uint256,bytes)' },
      {
        selector: '0xbc197c81',
        signature: 'onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)',
      },
    ],
  },
  {
    name: 'ERC-1271',
    id: '0x1626ba7e',
    functions: [{ selector: '0x1626ba7e', signature: 'isValidSignature(bytes32,bytes)' }],
  },
  {
    name: 'ERC-2981',
    id: '0x2a55205a',
    functions: [{ selector: '0x2a55205a', signature: 'royaltyInfo(uint256,uint256)' }],
  },
];
