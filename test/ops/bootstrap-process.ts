import { bootstrap } from '../../ops/bootstrap.ts';

// `./cutover bootstrap staging --yes` as a process of its own, with the stack file of a test's folder.
const [folder] = process.argv.slice(2);
process.exitCode = await bootstrap('staging', { yes: true, json: false }, folder);
