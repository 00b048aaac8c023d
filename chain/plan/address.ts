import { getCreate2Address } from 'ethers/address';
import { keccak256 } from 'ethers/crypto';
import { concat, toUtf8Bytes } from 'ethers/utils';

/**
 * The deterministic deployment proxy, at the same address on nearly every chain: it deploys what it is sent with
 * CREATE2. So an address depends on the code, its arguments and the salt, not on who sends it or when.
 * https://github.com/Arachnid/deterministic-deployment-proxy
 */
export const deploymentProxy = {
  address: '0x4e59b44847b379578588920cA78FbF26c0B4956C',
  runtimeCode:
    '0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3',
  /** Signed by nobody: the signature was made up and the sender computed from it. It works on every chain once. */
  presignedTransaction:
    '0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222222222222222222222222222222222222222222222',
  presignedHash: '0xeddf9e61fb9d8f5111840daef55e5fde0041f5702856532cdbb5a02998033d26',
  presignedSender: '0x3fAB184622Dc19b6109349B94811493BF2a45362',
  /** What that sender must hold: 100,000 gas at 100 gwei. */
  presignedCost: 10_000_000_000_000_000n,
} as const;

/** A salt as the proxy takes it: 32 bytes as they are, any other text by its hash. */
export function saltBytes(salt: string): string {
  return /^0x[0-9a-fA-F]{64}$/.test(salt) ? salt.toLowerCase() : keccak256(toUtf8Bytes(salt));
}

/** Where the proxy puts a contract. */
export function create2Address(initCodeHash: string, salt: string): string {
  return getCreate2Address(deploymentProxy.address, saltBytes(salt), initCodeHash);
}

/** What is sent to the proxy. */
export function deploymentCall(initCode: string, salt: string): string {
  return concat([saltBytes(salt), initCode]);
}
