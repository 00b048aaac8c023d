import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly' };
// The first time, Go fetches and compiles what the tests stand on.
const patience = 600_000;

// The two programs of our own that are written in Go bring their own tests; here they run with the others.
describe.skipIf(!hasGo)('the Go programs of the toolchain', () => {
  it.each(['engine', 'mongo-wire'])('%s: its tests pass', { timeout: patience }, (module) => {
    const cwd = join(projectRoot, 'toolchain', 'go', module);
    const { status, stdout, stderr } = spawnSync('go', ['test', './...'], { cwd, env, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });

  it.each(['engine', 'mongo-wire'])('%s: is laid out as gofmt has it', (module) => {
    const cwd = join(projectRoot, 'toolchain', 'go', module);
    expect(execFileSync('gofmt', ['-l', '.'], { cwd, encoding: 'utf8' })).toBe('');
  });
});
