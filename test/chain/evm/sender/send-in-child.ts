import { submit, waitForReceipt } from '@cutover/chain/evm/sender.ts';
import { note, sendingTo } from './kit.ts';

// Sends notes and waits for them, all at the same time: one of two processes with one account.
const [url = '', first = '', count = ''] = process.argv.slice(2);
const { rpc, account } = await sendingTo({ url, chainId: 31337 });
await Promise.all(
  Array.from({ length: Number(count) }, async (_, index) => {
    const hash = await submit(rpc, account, note(Number(first) + index));
    const { succeeded } = await waitForReceipt(rpc, account, hash, () => undefined);
    if (!succeeded) throw new Error(`${hash} failed`);
  }),
);
