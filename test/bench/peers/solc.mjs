#!/usr/bin/env node
// solc of npm as an executable, as forge wants one: it asks for the version and hands standard JSON over.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
const solc = createRequire(process.env.CUTOVER_BENCH_ROOT + '/chain/package.json')('solc');
if (process.argv.includes('--version')) {
  const version = solc.version().replace('Emscripten.clang', 'Linux.g++');
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')));
}
