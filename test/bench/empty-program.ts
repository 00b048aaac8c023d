import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clone } from '../engine/clone.ts';

/** A Pulumi program with nothing in it but so many dynamic resources: the floor beside our own. */
export interface EmptyProgram {
  /** Runs the CLI in it and returns the seconds that it took. */
  run(args: readonly string[]): number;
  /** What it is run with: the same CLI, Node and compile cache as ours. */
  readonly env: NodeJS.ProcessEnv;
}

/** Makes the program inside a clone, where it finds the same packages, and brings it up once. */
export function emptyProgram(clone: Clone, resources: number): EmptyProgram {
  const folder = join(clone.folder, '.cutover', 'bench', `empty-${resources}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'infra'), { recursive: true });
  mkdirSync(join(folder, 'state'));
  const program = `import * as pulumi from '@pulumi/pulumi';
class Nothing extends pulumi.dynamic.Resource {
  constructor(name: string) {
    super({ create: async () => ({ id: name, outs: {} }), diff: async () => ({ changes: false }) }, name, {});
  }
}
for (let i = 0; i < ${resources}; i++) new Nothing('nothing-' + i);
`;
  writeFileSync(join(folder, 'infra', 'index.ts'), resources === 0 ? "import '@pulumi/pulumi';\n" : program);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, 'Pulumi.yaml'),
    'name: cutover\nmain: infra/index.ts\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n',
  );
  const env = {
    ...process.env,
    PATH: `${join(clone.folder, '.cutover', 'tools', 'bin')}:${process.env['PATH']}`,
    PULUMI_BACKEND_URL: `file://${encodeURI(join(clone.folder, '.cutover', 'bench', 'state'))}?create_dir=true&metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: 'bench',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    NODE_COMPILE_CACHE: join(clone.folder, '.cutover', 'cache', 'node'),
  };
  const run = (args: readonly string[]): number => {
    const began = performance.now();
    const { status, stdout, stderr } = spawnSync('pulumi', [...args, '--non-interactive'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`pulumi ${args.join(' ')} in the empty program:\n${stdout}\n${stderr}`);
    return (performance.now() - began) / 1000;
  };
  const stack = `empty-${resources}`;
  run(['stack', 'init', stack]);
  run(['up', '--stack', stack, '--yes', '--skip-preview']);
  return { env, run: (args) => run([...args, '--stack', stack]) };
}
