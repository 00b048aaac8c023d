import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { fakeNpm, makeBareClone, type BareClone } from './bare-clone.ts';
import { packagesOfThisMachine } from './fake-packages.ts';

// mongodb-memory-server is the real one; the server that it asks and the mongod that it gets are fakes.
const { version } = (
  JSON.parse(readFileSync(join(projectRoot, 'toolchain/pins.json'), 'utf8')) as {
    mongod: { version: string };
  }
).mongod;

let clone: BareClone;
let server: Server | undefined;
beforeEach(() => {
  clone = makeBareClone();
  clone.fake('pulumi', 'echo v3.260.1');
  clone.fake('pulumi-language-nodejs', 'exit');
  clone.fake('valkey-server', 'echo "Valkey server v=8.1.3 sha=0"');
  clone.fake('npm', fakeNpm(clone, packagesOfThisMachine(clone)));
  // Found from the clone's toolchain, as in a real clone, without installing it.
  mkdirSync(join(dirname(clone.folder), 'node_modules'));
  const name = join('node_modules', 'mongodb-memory-server-core');
  symlinkSync(join(projectRoot, name), join(dirname(clone.folder), name));
});
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  clone.remove();
});

/** Serves one archive under every name, and its checksum. */
async function mirror(cut: boolean): Promise<NodeJS.ProcessEnv> {
  const bin = join(clone.home, 'archive', 'mongodb', 'bin');
  mkdirSync(bin, { recursive: true });
  const script = `printf '#!/bin/sh\\necho "db version v${version}"\\n' > "$1"; chmod +x "$1"`;
  execFileSync('sh', ['-c', script, 'sh', join(bin, 'mongod')]);
  const archive = execFileSync('tar', ['-czf', '-', '-C', join(clone.home, 'archive'), 'mongodb']);
  const checksum = createHash('md5').update(archive).digest('hex');
  server = createServer(({ url = '' }, response) => {
    if (url.endsWith('.md5')) return void response.end(`${checksum}  archive.tgz\n`);
    if (!url.endsWith('.tgz')) return void response.end();
    response.setHeader('content-length', archive.length);
    if (!cut) return void response.end(archive);
    response.write(archive.subarray(0, 50));
    setTimeout(() => response.destroy(), 50);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    MONGOMS_DOWNLOAD_MIRROR: `http://127.0.0.1:${port}`,
    MONGOMS_USE_HTTP: '1',
  };
}

describe('a real mongod', () => {
  it('is downloaded where that is possible, and taken from the cache after', async () => {
    const { exit, stderr, stdout } = await clone.run(['up'], { env: await mirror(false) });
    expect(exit, stderr).toBe(0);
    expect(stderr).toContain(`done  MongoDB-protocol server: ${version}, official download`);
    expect(stdout.split('\n')).toHaveLength(2);
    const mongod = join(clone.folder, '.cutover/tools/bin/mongod');
    expect(execFileSync(mongod, { encoding: 'utf8' })).toContain(version);
    expect((await clone.run(['up'])).stderr).toBe('');
  });

  it('is not taken from a download that breaks off', async () => {
    const { exit, stderr } = await clone.run(['up'], { env: await mirror(true) });
    expect(exit).toBe(0);
    expect(stderr).toContain('CUT-5012 There is no server of the MongoDB protocol');
    expect(existsSync(join(clone.folder, '.cutover/tools/bin/mongod'))).toBe(false);
  });
});
