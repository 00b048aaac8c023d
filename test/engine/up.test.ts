import { readFileSync, readdirSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClone, type Clone, type Result } from './clone.ts';
import { copiesOf, engineLocksOf, engineProcessesOf, filesBelow, processesOf, statusOf } from './inspect.ts';

// One stack, brought up once, looked at from all sides, taken down at the end. The tests build on each other.
let clone: Clone;
let first: Result;
const seenArguments = new Set<string>();

beforeAll(async () => {
  clone = await makeClone('up');
  const running = clone.start(['up']);
  const watch = setInterval(
    () => processesOf(clone).forEach(({ command }) => seenArguments.add(command)),
    50,
  );
  first = await running.ended;
  clearInterval(watch);
});
afterAll(() => clone.remove());

interface Deployment {
  readonly checkpoint: {
    readonly latest: {
      readonly resources: { readonly urn: string; readonly inputs?: Record<string, unknown> }[];
    };
  };
}
const stateText = (): string =>
  readFileSync(join(clone.folder, '.cutover', 'state', '.pulumi', 'stacks', 'cutover', 'dev.json'), 'utf8');
const resources = (): Deployment['checkpoint']['latest']['resources'] =>
  (JSON.parse(stateText()) as Deployment).checkpoint.latest.resources;

describe('the first ./cutover up', () => {
  it('ends well and says what was deployed, where, and what to try', () => {
    expect(first.stderr + first.stdout).not.toContain('CUT-');
    expect(first.exit).toBe(0);
    for (const said of [
      'Meta Aggregator',
      'Gemforce',
      'GoDark',
      '138',
      'CoinEstate',
      'Escrow',
      'Try next',
      './cutover down',
    ]) {
      expect(first.stdout).toContain(said);
    }
  });

  it('prints URLs that all answer', async () => {
    const [listed = ''] = first.stdout.split('Try next\n');
    const urls = listed.match(/http:\/\/127\.0\.0\.1:\d+\S*/g) ?? [];
    expect(urls.length).toBeGreaterThan(5);
    for (const url of new Set(urls)) {
      const answer = await fetch(url);
      expect([url, answer.status]).toEqual([url, 200]);
    }
  });

  it('prints commands that work as they stand', async () => {
    const [, list = ''] = first.stdout.split('Try next\n');
    const commands = list.split('\n').filter((line) => /^ {2}curl /.test(line));
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      const { exit, stdout } = await clone.run(['-c', command], { program: 'sh' });
      expect([command, exit]).toEqual([command, 0]);
      expect(stdout).not.toBe('');
    }
  });

  it('runs each local part once', async () => {
    const copies = await copiesOf(clone);
    expect(copies.size).toBeGreaterThan(6);
    expect([...copies.values()].every((count) => count === 1)).toBe(true);
  });

  it('leaves the committed stack file alone', () => {
    expect(readFileSync(join(clone.folder, 'Pulumi.dev.yaml'), 'utf8')).not.toContain('encryptionsalt');
  });
});

describe('what is up', () => {
  it('is healthy in status, every part of it', async () => {
    const status = await statusOf(clone);
    expect(status.healthy).toBe(true);
    expect(status.processes.filter(({ healthy }) => !healthy)).toEqual([]);
    expect(status.contracts.filter(({ state }) => state !== 'deployed')).toEqual([]);
    expect(status.contracts.length).toBeGreaterThan(0);
  });

  it('hands the events of the diamond to who subscribes by websocket', async () => {
    const url = /ws:\/\/\S+/.exec(first.stdout)?.[0] ?? '';
    const events = ['DiamondCut', 'RoleGranted'];
    const told = await new Promise<string[]>((resolve, reject) => {
      const socket = new WebSocket(url);
      const seen: string[] = [];
      const timer = setTimeout(() => reject(new Error(`only this came: ${seen.join()}`)), 10_000);
      socket.onopen = () => socket.send(JSON.stringify({ subscribe: { events, from: 0 } }));
      socket.onerror = () => reject(new Error(`${url} does not answer`));
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(String(data)) as { readonly type: string; readonly event?: string };
        if (message.type === 'event') seen.push(message.event ?? '');
        if (message.type !== 'live') return;
        clearTimeout(timer);
        socket.close();
        resolve(seen);
      };
    });
    expect(new Set(told)).toEqual(new Set(events));
  });

  it('is not changed by a second up', async () => {
    const again = await clone.run(['up']);
    expect(again.exit).toBe(0);
    expect(again.stdout).toContain('Nothing to change');
  });

  it('is what preview expects', async () => {
    const preview = await clone.run(['pulumi', 'preview', '-s', 'dev', '--expect-no-changes']);
    expect(preview.exit).toBe(0);
  });

  it('is not changed by an edit of the chain workspace', async () => {
    const providers = (): Map<string, unknown> =>
      new Map(resources().map(({ urn, inputs }) => [urn, inputs?.['__provider']]));
    const before = providers();
    await appendFile(join(clone.folder, 'chain', 'evm', 'contract-handler.ts'), '\n// edited\n');
    const again = await clone.run(['up']);
    expect(again.stdout).toContain('Nothing to change');
    expect(providers()).toEqual(before);
  });

  it('has providers of at most 2 kB in its state', () => {
    const sizes = resources().flatMap(({ inputs }) => {
      const provider = inputs?.['__provider'];
      return typeof provider === 'string' ? [provider.length] : [];
    });
    expect(sizes.length).toBeGreaterThan(10);
    expect(Math.max(...sizes)).toBeLessThan(2000);
  });

  it('shows no secret in state, logs, arguments or reports', async () => {
    const folder = join(clone.folder, '.cutover', 'dev', 'secrets');
    const secrets = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8').trim());
    expect(secrets.length).toBeGreaterThan(2);
    const { stdout: report } = await clone.run(['status', '--json']);
    const { stdout: config } = await clone.run(['config', 'dev']);
    const texts = [
      ...[...filesBelow(join(clone.folder, '.cutover', 'state'))],
      ...[...filesBelow(join(clone.folder, '.cutover', 'dev'))].filter(({ path }) => path.endsWith('log')),
      {
        path: 'arguments',
        text: [...seenArguments, ...processesOf(clone).map(({ command }) => command)].join('\n'),
      },
      { path: 'output of up', text: first.stdout + first.stderr },
      { path: 'status --json', text: report },
      { path: 'config dev', text: config },
    ];
    expect(texts.length).toBeGreaterThan(10);
    expect(seenArguments.size).toBeGreaterThan(5);
    const found = texts.filter(({ text }) => secrets.some((secret) => text.includes(secret)));
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});

describe('./cutover down', () => {
  it('leaves no process and no lock, and may be run twice', async () => {
    expect((await clone.run(['down'])).exit).toBe(0);
    expect(processesOf(clone)).toEqual([]);
    expect(await engineProcessesOf(clone)).toEqual([]);
    expect(engineLocksOf(clone)).toEqual([]);
    const twice = await clone.run(['down']);
    expect([twice.exit, twice.stdout.trim()]).toEqual([0, 'Nothing of dev runs here.']);
  });

  it('keeps the data: the next up finds contracts and migrations in place', async () => {
    const back = await clone.run(['up']);
    expect(back.exit).toBe(0);
    expect((await statusOf(clone)).healthy).toBe(true);
  });
});
