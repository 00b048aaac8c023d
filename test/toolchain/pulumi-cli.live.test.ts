import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeNpm, makeBareClone, type BareClone, type Outcome } from './bare-clone.ts';

// The CLI in these tests is a fake, a shell script that says a version: what is tried is how it gets here.
let clone: BareClone;
let servers: Server[];
beforeEach(() => {
  clone = makeBareClone();
  clone.fake('npm', fakeNpm(clone));
  servers = [];
});
afterEach(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  clone.remove();
});

const { version } = (
  JSON.parse(readFileSync(new URL('../../toolchain/pins.json', import.meta.url), 'utf8')) as {
    pulumi: { version: string };
  }
).pulumi;
const bin = (): string => join(clone.folder, '.cutover', 'tools', 'bin');
const inCache = (): string[] => {
  const cache = join(clone.home, '.cache', 'cutover');
  if (!existsSync(cache)) return [];
  const unfinished = existsSync(join(cache, '.new')) ? readdirSync(join(cache, '.new')) : [];
  return [...readdirSync(cache).filter((name) => name.startsWith('pulumi-')), ...unfinished];
};

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An archive as the official ones are laid out, with programs that say a version. */
function archive(says = version): Buffer {
  const folder = join(clone.home, 'archive', 'pulumi');
  mkdirSync(folder, { recursive: true });
  const script = `printf '#!/bin/sh\\necho v${says}\\n'`;
  for (const name of ['pulumi', 'pulumi-language-nodejs', 'pulumi-language-go']) {
    execFileSync('sh', ['-c', `${script} > "$1"; chmod +x "$1"`, 'sh', join(folder, name)]);
  }
  return execFileSync('tar', ['-czf', '-', '-C', dirname(folder), 'pulumi']);
}

const down = (env: NodeJS.ProcessEnv = {}): Promise<Outcome> => clone.run(['down'], { env });

describe('the Pulumi CLI', () => {
  it('is taken from PATH when it fits, with its language host', async () => {
    clone.fake('pulumi', 'echo v3.260.1');
    clone.fake('pulumi-language-nodejs', 'exit');
    const { exit, stderr } = await down();
    expect(exit, stderr).toBe(0);
    expect(stderr).toMatch(/done {2}Pulumi CLI: 3\.260\.1, on PATH/);
    expect(realpathSync(join(bin(), 'pulumi'))).toBe(realpathSync(join(clone.programs, 'pulumi')));
    expect(existsSync(join(bin(), 'pulumi-language-nodejs'))).toBe(true);
    expect(inCache()).toEqual([]);
  });

  it.each([
    ['is older than the pinned one', 'echo v3.249.0', true],
    ['is of the next major version', 'echo v4.0.0', true],
    ['has no language host for Node', 'echo v3.260.1', false],
    ['does not run', 'exit 127', true],
  ])('is not taken from PATH when it %s', async (_, script, host) => {
    clone.fake('pulumi', script);
    if (host) clone.fake('pulumi-language-nodejs', 'exit');
    const { exit, stderr } = await down();
    expect(exit).toBe(1);
    expect(stderr).toContain('CUT-5010');
  });

  it('is downloaded where that is possible; of the archive only what Node programs need is kept', async () => {
    const body = archive();
    const asked: (string | undefined)[] = [];
    const address = await serve(({ url }, response) => {
      asked.push(url);
      response.setHeader('content-length', body.length).end(body);
    });
    const { exit, stderr } = await down({ CUTOVER_PULUMI_DOWNLOADS: address });
    expect(exit, stderr).toBe(0);
    expect(asked).toEqual([`/pulumi-v${version}-${process.platform}-${process.arch}.tar.gz`]);
    expect(stderr).toMatch(/done {2}Pulumi CLI: \S+, official download/);
    expect(execFileSync(join(bin(), 'pulumi'), ['version'], { encoding: 'utf8' })).toBe(`v${version}\n`);
    const [entry = ''] = inCache();
    const kept = readdirSync(join(clone.home, '.cache', 'cutover', entry)).toSorted();
    expect(kept).toEqual(['entry.json', 'pulumi', 'pulumi-language-nodejs']);
    // The second time nobody is asked.
    expect((await down({ CUTOVER_PULUMI_DOWNLOADS: address })).stderr).toBe('');
    expect(asked).toHaveLength(1);
  });

  it.each<[string, () => RequestListener]>([
    [
      'breaks off',
      () => (_, response) => {
        const body = archive();
        response.setHeader('content-length', body.length).write(body.subarray(0, 100));
        setTimeout(() => response.destroy(), 50);
      },
    ],
    ['is something else', () => (_, response) => response.end('<html>Please log in to this network</html>')],
    ['is another version', () => (_, response) => response.end(archive('1.0.0'))],
    ['is refused', () => (_, response) => response.writeHead(403).end()],
  ])('is not taken from a download that %s; nothing of it stays', async (_, answer) => {
    const { exit, stderr } = await down({ CUTOVER_PULUMI_DOWNLOADS: await serve(answer()) });
    expect(exit).toBe(1);
    expect(stderr).toContain('CUT-5010');
    expect(inCache()).toEqual([]);
    expect(existsSync(join(bin(), 'pulumi'))).toBe(false);
  });

  it('does not wait for a server that does not answer', async () => {
    const address = await serve(() => undefined);
    const { stderr, milliseconds } = await down({ CUTOVER_PULUMI_DOWNLOADS: address });
    expect(stderr).toMatch(/no answer in time/);
    console.log(`silent download server given up on after ${milliseconds} ms, all of ./cutover included`);
    expect(milliseconds).toBeLessThan(20_000);
  });

  it('says what to install when there is no CLI, no download and no Go', async () => {
    const { exit, stderr, stdout } = await down();
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toContain(`CUT-5010 The Pulumi CLI ${version} is needed and could not be brought.`);
    expect(stderr).toContain('There is no Go on PATH to build it with.');
    expect(stderr).toMatch(/brew install pulumi\/tap\/pulumi/);
    expect(stderr).toMatch(/apt install golang-go/);
    expect(inCache()).toEqual([]);
    // What could be brought is kept: once Go is there, the next run goes on from here.
    expect(existsSync(join(clone.folder, 'node_modules', 'commander'))).toBe(true);
  });

  it('says so when Go is too old, in the words of Go', async () => {
    clone.fake(
      'go',
      'echo "go: go.mod requires go >= 1.25.11 (running go 1.24.1; GOTOOLCHAIN=local)" >&2; exit 1',
    );
    const { exit, stderr } = await down();
    expect(exit).toBe(1);
    expect(stderr).toMatch(/Go is too old: go: go\.mod requires go >= 1\.25\.11 \(running go 1\.24\.1/);
  });

  it('is built from Go modules otherwise, with our language host beside it', async () => {
    clone.fake('go', fakeGo);
    const { exit, stderr } = await down();
    expect(exit, stderr).toBe(0);
    expect(stderr).toMatch(/done {2}Pulumi CLI: \S+, built from Go modules with Go 1\.26\.8/);
    for (const name of ['pulumi', 'pulumi-language-nodejs', 'pulumi-resource-pulumi-nodejs']) {
      expect(existsSync(join(bin(), name)), name).toBe(true);
    }
  });

  it('is built once when two clones want it at the same time', async () => {
    const other = makeBareClone();
    try {
      for (const each of [clone, other]) {
        each.fake('npm', fakeNpm(each));
        each.fake('go', `${fakeGo}\nsleep 1`);
      }
      const env = { HOME: clone.home, BUILDS: join(clone.home, 'builds') };
      const both = await Promise.all([clone.run(['down'], { env }), other.run(['down'], { env })]);
      expect(both.map(({ exit }) => exit)).toEqual([0, 0]);
      expect(readFileSync(env.BUILDS, 'utf8')).toBe('build\n');
    } finally {
      other.remove();
    }
  });

  it('is built again after a build that failed or was killed', async () => {
    clone.fake('go', `${fakeGo}\nkill -9 $$`);
    const killed = await down();
    expect(killed.exit).toBe(1);
    expect(killed.stderr).toMatch(/CUT-5011 The Pulumi CLI \S+ could not be built from Go modules/);
    expect(inCache()).toEqual([]);
    clone.fake('go', fakeGo);
    expect((await down()).exit).toBe(0);
  });

  it('is left whole or not at all by Ctrl-C, in one clear line', async () => {
    clone.fake('go', `${fakeGo}\nexec sleep 30`);
    const { exit, stderr, stdout, milliseconds } = await clone.run(['down'], {
      interruptAt: /2\/2 {3}Pulumi CLI/,
    });
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toContain('cutover: stopped. Nothing is half-done; the next ./cutover goes on from here.');
    expect(milliseconds).toBeLessThan(15_000);
    expect(existsSync(join(bin(), 'pulumi'))).toBe(false);
    clone.fake('go', fakeGo);
    expect((await down()).exit).toBe(0);
    expect(inCache()).toHaveLength(1);
  });

  it('is looked for again when its file has changed', async () => {
    clone.fake('pulumi', 'echo v3.260.1');
    clone.fake('pulumi-language-nodejs', 'exit');
    await down();
    clone.fake('pulumi', 'echo v3.270.12');
    expect((await down()).stderr).toMatch(/Pulumi CLI: 3\.270\.12/);
    expect((await down()).stderr).toBe('');
  });

  it('is found by its own folder alone: a PATH of one folder is enough for plain pulumi', async () => {
    clone.fake('go', fakeGo);
    await down();
    expect(
      readdirSync(bin())
        .filter((name) => name.startsWith('pulumi'))
        .toSorted(),
    ).toEqual(['pulumi', 'pulumi-language-nodejs', 'pulumi-resource-pulumi-nodejs']);
    symlinkSync(bin(), join(clone.home, 'bin'));
    expect(execFileSync(join(clone.home, 'bin', 'pulumi'), ['version'], { encoding: 'utf8' })).toBe(
      `v${version}\n`,
    );
  });
});

/** A fake Go: it "builds" the programs of the engine as scripts that say the version. */
const fakeGo = `
case "$1" in
  version) echo 'go version go1.26.8 linux/amd64'; exit ;;
  list) printf 'one\\ntwo\\n'; exit ;;
esac
[ -z "\${BUILDS:-}" ] || echo build >> "$BUILDS"
while [ "$1" != -o ]; do shift; done
for name in pulumi pulumi-language-nodejs; do
  printf '#!/bin/sh\\necho v${version}\\n' > "$2$name"
  chmod +x "$2$name"
done`;
