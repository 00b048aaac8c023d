// The first thing that the linked Node runs. Plain JavaScript: that Node may have been replaced by an older one.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { root } from '../base/user-cache.mjs';

const { atLeast } = JSON.parse(readFileSync(join(root, 'toolchain', 'pins.json'), 'utf8')).node;

if (Number(process.versions.node.split('.')[0]) >= atLeast) {
  // Compiled code is kept beside the tools, so that commands start in a tenth of a second.
  module.enableCompileCache?.(join(root, '.cutover', 'cache', 'node'));
  await import('./launch.ts');
} else {
  rmSync(join(root, '.cutover', 'tools', 'bin', 'node'), { force: true });
  const again = spawn(join(root, 'cutover'), process.argv.slice(2), { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; the command decides what it means. Other signals reach only this process.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => again.kill('SIGTERM'));
  again.on('exit', (code) => process.exit(code ?? 1));
}
