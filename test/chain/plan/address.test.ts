import { keccak256, Transaction } from 'ethers';
import { describe, expect, it } from 'vitest';
import { create2Address, deploymentCall, deploymentProxy, saltBytes } from '@cutover/chain/plan/address.ts';

describe('the deployment proxy', () => {
  it('is brought by the presigned transaction that the whole world uses', () => {
    const transaction = Transaction.from(deploymentProxy.presignedTransaction);
    expect(transaction.hash).toBe(deploymentProxy.presignedHash);
    expect(transaction.from).toBe(deploymentProxy.presignedSender);
    expect(transaction.gasLimit * (transaction.gasPrice ?? 0n)).toBe(deploymentProxy.presignedCost);
    expect(transaction.data.endsWith(deploymentProxy.runtimeCode.slice(2))).toBe(true);
  });
});

describe('addresses', () => {
  it('follow EIP-1014', () => {
    // keccak256(0xff ++ proxy ++ salt ++ keccak256(0x00)), last 20 bytes, computed by hand from its parts.
    const initCodeHash = keccak256('0x00');
    const salt = `0x${'00'.repeat(32)}`;
    const preimage = `0xff${deploymentProxy.address.slice(2)}${salt.slice(2)}${initCodeHash.slice(2)}`;
    expect(create2Address(initCodeHash, salt).toLowerCase()).toBe(`0x${keccak256(preimage).slice(-40)}`);
  });

  it('change with the salt and with the code', () => {
    const [a, b] = [keccak256('0x00'), keccak256('0x01')];
    const addresses = [create2Address(a, 'one'), create2Address(a, 'two'), create2Address(b, 'one')];
    expect(new Set(addresses).size).toBe(3);
  });

  it('take salts of 32 bytes as they are and hash every other text', () => {
    const salt = `0x${'Ab'.repeat(32)}`;
    expect(saltBytes(salt)).toBe(salt.toLowerCase());
    expect(saltBytes('0x01')).toMatch(/^0x[0-9a-f]{64}$/);
    expect(deploymentCall('0x6000', salt)).toBe(`${salt.toLowerCase()}6000`);
  });
});
