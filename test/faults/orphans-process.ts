import { orphans } from '../../ops/orphans.ts';

// A process that imports what is left over of the stack staging, to be killed in the middle of it.
const [, , program] = process.argv;
const options = { twin: true, delete: false, import: true, yes: true, json: false };
process.exitCode = await orphans('staging', options, program);
