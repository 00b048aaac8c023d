import { setTimeout as sleep } from 'node:timers/promises';
import { JsonRpcProvider, type Subscriber, type Subscription, type TransactionReceipt } from 'ethers';

/**
 * A provider that asks for a receipt until it is there. That of ethers waits for the next block after the one that it
 * saw first, and on a node that mines at once there is none: whoever began to wait in the wrong moment waits for ever.
 */
export class AskingProvider extends JsonRpcProvider {
  override _getSubscriber(subscription: Subscription): Subscriber {
    return subscription.type === 'transaction'
      ? receiptOf(this, subscription.hash)
      : super._getSubscriber(subscription);
  }

  override async waitForTransaction(hash: string): Promise<TransactionReceipt | null> {
    for (let tries = 0; tries < mostTries; tries++) {
      const receipt = await this.getTransactionReceipt(hash);
      if (receipt !== null) return receipt;
      await sleep(pauseMs);
    }
    return null;
  }
}

const pauseMs = 25;
const mostTries = 1200;

function receiptOf(provider: JsonRpcProvider, hash: string): Subscriber {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  const ask = async (): Promise<void> => {
    const receipt = await provider.getTransactionReceipt(hash).catch(() => null);
    if (receipt !== null) await provider.emit(hash, receipt);
    else if (!provider.destroyed) start();
  };
  const start = (): void => {
    stop();
    timer = setTimeout(() => void ask(), pauseMs);
  };
  return { start, stop, pause: stop, resume: start };
}
