import type { Migrations } from '@cutover/delivery/migrations/engine.ts';
import { migrateTo } from '@cutover/delivery/migrations/front.ts';

// Started by tests as a process of its own: migrates as its argument says and prints what happens.
const migrations = JSON.parse(process.argv[2] ?? '{}') as Migrations;
try {
  const { ran, current } = await migrateTo(migrations, { say: (line) => console.log(line) });
  console.log(`ENDED at ${current} after ${ran.length}`);
} catch (error) {
  console.log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
