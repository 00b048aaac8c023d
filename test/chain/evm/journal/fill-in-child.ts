import { openJournal } from '@cutover/chain/evm/journal/journal.ts';

// Writes large transactions into a journal until that fails.
const [path = ''] = process.argv.slice(2);
try {
  const journal = openJournal(path, '0xgenesis');
  for (let number = 10; number < 200; number++) {
    journal.admit(
      {
        ...{
          key: `k${number}`,
          purpose: 'large',
          to: `0x${'11'.repeat(20)}`,
          data: `0x${'ab'.repeat(20_000)}`,
        },
        ...{ value: BigInt(number), gasLimit: 21_000n, level: 'medium', signer: undefined, cost: 1n },
      },
      {
        facts: { minedCount: 0, pendingCount: 0, balance: 10n ** 18n },
        ...{ terms: { inFlight: 999, grace: false }, headNumber: 5, me: 'child', lives: () => true },
        missing: new Set(),
      },
    );
  }
  process.stdout.write('never full\n');
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
