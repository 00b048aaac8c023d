import { Interface } from 'ethers';
import type { Abi } from '@cutover/chain/plan/artifact.ts';
import type { Action } from '@cutover/chain/plan/authority/action.ts';
import { safeCallOf, safeTransaction } from '@cutover/chain/plan/authority/safe-transaction.ts';

export const target = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
export const safe = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';

const token = new Interface(['function mint(address to, (uint256 amount, string memo)[] lots)']);
export const mint = token.encodeFunctionData('mint', [target, [[5n, 'first']]]);

/** The action that these tests are about. */
export const action: Action = {
  key: 'k',
  purpose: 'mint',
  abi: JSON.parse(token.formatJson()) as Abi,
  to: target,
  data: mint,
};
export const transaction = safeTransaction(safeCallOf(action, ''), 3);
