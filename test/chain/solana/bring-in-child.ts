// node bring-in-child.ts URL PROGRAM_ACCOUNT BUILD [CHECKPOINT NTH]: brings a program, and ends by its own hand there.
import { onCheckpoint } from '@cutover/chain/solana/journal/checkpoint.ts';
import { bringProgram } from '@cutover/chain/solana/loader.ts';
import { localSigner, orderOf, poolTo } from './kit.ts';
import { makeProgram } from './make-program.ts';

const [, , url = '', account = '', build = '', name = '', nth = '0'] = process.argv;
let seen = 0;
onCheckpoint((reached) => {
  if (reached === name && ++seen === Number(nth)) process.kill(process.pid, 'SIGKILL');
});
console.log('ready');
await bringProgram(poolTo(url), orderOf(localSigner(Number(account)), { bytes: makeProgram(16_384, build) }));
console.log('done');
