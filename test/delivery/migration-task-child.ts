import { handler } from '@cutover/delivery/migrations/postgres/handler.ts';
import type { MigrationInputs } from '@cutover/delivery/plan/migration-inputs.ts';

// Started by tests as a process of its own, which can be killed: creates the resource as its argument says.
const { outs } = await handler.create(JSON.parse(process.argv[2] ?? '{}') as MigrationInputs<'postgres'>);
console.log(`ENDED at ${outs.current}`);
