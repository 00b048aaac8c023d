// node rollback-in-child.ts URL PROGRAM [CHECKPOINT NTH]: moves a rollback on, and ends by its own hand there.
import { readFileSync } from 'node:fs';
import { rollbackBuild } from '@cutover/chain/plan/solana/perps/exchange.ts';
import { programHash } from '@cutover/chain/plan/solana/program-hash.ts';
import { perpsInterface } from '@cutover/chain/programs/perps/interface.ts';
import { moveRollback } from '@cutover/chain/solana/exchange-rollback.ts';
import { onCheckpoint } from '@cutover/chain/solana/journal/checkpoint.ts';
import { fromRoot } from '@cutover/base/project.ts';
import { localSigner, poolTo } from './kit.ts';

const [, , url = '', program = '', name = '', nth = '0'] = process.argv;
let seen = 0;
onCheckpoint((reached) => {
  if (reached === name && ++seen === Number(nth)) process.kill(process.pid, 'SIGKILL');
});
const build = (release: string) => {
  const hash = programHash(readFileSync(fromRoot(`chain/programs/perps/perps-${release}.so`)));
  return rollbackBuild(perpsInterface, { version: `v${release}`, hash, reads: release });
};
const { plan, sent } = await moveRollback(poolTo(url), {
  exchange: { program, description: perpsInterface },
  wish: { title: 'perps', from: build('2'), to: build('1') },
  ...{ admin: localSigner(0), guardian: localSigner(4) },
});
const next = plan.kind === 'step' ? plan.step : plan.kind;
console.log(
  JSON.stringify({ next, sent: sent.map(({ step, transactions }) => [step, transactions.length]) }),
);
