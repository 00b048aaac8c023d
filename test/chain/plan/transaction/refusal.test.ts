import { describe, expect, it } from 'vitest';
import { afterRefusal, classifyRefusal, type Refusal } from '@cutover/chain/plan/transaction/refusal.ts';

// What nodes say, word for word.
const said: readonly (readonly [string, Refusal])[] = [
  ['already known', 'known'],
  ['transaction already imported', 'known'],
  ['ALREADY_EXISTS: already known', 'known'],
  ['Known transaction', 'known'],
  ['AlreadyKnown', 'known'],
  ['INTERNAL_ERROR: existing tx with same hash', 'known'],
  ['nonce too low', 'nonce-used'],
  ['nonce too low: next nonce 5, tx nonce 3', 'nonce-used'],
  ['Nonce too low. Expected nonce to be 4 but got 3.', 'nonce-used'],
  ['OldNonce', 'nonce-used'],
  ['nonce has already been used', 'nonce-used'],
  ['OwnNonceAlreadyUsed', 'nonce-used'],
  ["the tx doesn't have the correct nonce. account has nonce of: 43 tx has nonce of: 40", 'nonce-used'],
  ['replacement transaction underpriced', 'outbid'],
  ['could not replace existing tx: replacement transaction underpriced', 'outbid'],
  ['INTERNAL_ERROR: could not replace existing tx', 'outbid'],
  ['ReplacementNotAllowed', 'outbid'],
  ['transaction underpriced', 'cheap'],
  ['transaction underpriced: tip needed 1000000000, tip permitted 1', 'cheap'],
  ['max fee per gas less than block base fee', 'cheap'],
  ['max fee per gas less than block base fee: address 0x…, maxFeePerGas: 1, baseFee: 7', 'cheap'],
  ['FeeTooLow, EffectivePriorityFeePerGas too low 0 < 7', 'cheap'],
  ['Gas price below configured minimum gas price', 'cheap'],
  ['insufficient funds for gas * price + value: balance 0, tx cost 1', 'poor'],
  ['Insufficient funds for gas * price + value', 'poor'],
  ['Upfront cost exceeds account balance', 'poor'],
  ['transaction up-front cost 0x21 exceeds transaction sender account balance 0x0', 'poor'],
  [
    "Sender doesn't have enough funds to send tx. The max upfront cost is: 63 and the sender's balance is: 10.",
    'poor',
  ],
  [
    "Nonce too high. Expected nonce to be 3 but got 5. Note that transactions can't be queued when automining.",
    'early',
  ],
  ['NonceGap, Future nonce. Expected nonce: 3', 'early'],
  ['NonceGap', 'early'],
  ['NonceTooFarInFuture', 'early'],
  ['Transaction nonce is too distant from current sender nonce', 'early'],
  ['An invalid transaction with a lower nonce exists', 'early'],
  ['txpool is full', 'full'],
  ['in-flight transaction limit reached for delegated accounts', 'full'],
  ['gapped-nonce tx from delegated accounts', 'full'],
  ['account limit exceeded', 'full'],
  ['queued sub-pool is full', 'full'],
  ['Your app has exceeded its compute units per second capacity: too many requests', 'busy'],
  ['daily request count exceeded, request rate limited', 'busy'],
  ['intrinsic gas too low', 'never'],
  ['exceeds block gas limit', 'never'],
  ['invalid chain id for signer', 'never'],
  ['invalid sender', 'never'],
];

describe('the refusal of a node', () => {
  it.each(said)('%s: %s', (message, refusal) => {
    expect(classifyRefusal(message)).toBe(refusal);
  });

  it('of a transaction that is there already is no refusal', () => {
    const traces = { ours: true, stranger: false };
    expect(afterRefusal('known', { ours: false, stranger: false })).toBe('watch');
    expect(afterRefusal('nonce-used', traces)).toBe('watch');
    expect(afterRefusal('outbid', traces)).toBe('watch');
  });

  it('because of the nonce gives another one only when it is certain that a stranger has it', () => {
    expect(afterRefusal('nonce-used', { ours: false, stranger: true })).toBe('renumber');
    expect(afterRefusal('nonce-used', { ours: false, stranger: false })).toBe('look-again');
  });
});
