import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createServer as createPlain, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '@cutover/base/project.ts';
import { openAuthority } from '../../../../ops/twin/live/certificates.ts';

// Node processes with the preload, as tasks have it.
const host = 'db-1.abc.us-east-1.rds.amazonaws.com';
let folder: string;
let environment: Record<string, string>;
let exitFile: string;
let addresses: string;
let barred: string;
const servers: Server[] = [];
const tell = (rows: readonly object[]): void => writeFileSync(addresses, JSON.stringify(rows));
let ports: { readonly secure: number; readonly plain: number };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vpc ü '));
  const authority = await openAuthority(folder);
  const { certificate, key } = await authority.issue([host]);
  const secure = createServer({ cert: certificate, key }, (incoming, response) =>
    response.end(incoming.headers.host),
  );
  const plain = createPlain((socket) => void socket.end('plain'));
  servers.push(secure, plain);
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  );
  const [one = 0, two = 0] = servers.map((server) => (server.address() as AddressInfo).port);
  ports = { secure: one, plain: two };
  addresses = join(folder, 'addresses.json');
  barred = join(folder, 'barred');
  exitFile = join(folder, 'exit');
  const preload = pathToFileURL(join(projectRoot, 'ops', 'twin', 'live', 'vpc.mjs')).href;
  environment = {
    ...{ NODE_OPTIONS: `--import=${preload}`, NODE_EXTRA_CA_CERTS: authority.file },
    ...{ CUTOVER_ADDRESSES: addresses, CUTOVER_EXIT_FILE: exitFile, CUTOVER_BARRED: barred },
  };
  tell([
    { host, port: 443, localPort: ports.secure },
    { host, port: 5432, localPort: ports.plain },
  ]);
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

function node(script: string): Promise<{ readonly code: unknown; readonly text: string }> {
  return new Promise((resolve) => {
    const args = ['--input-type=module', '-e', script];
    execFile(process.execPath, args, { env: environment, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, text: `${stdout}${stderr}`.trim() }),
    );
  });
}
const over = (connecting: string): string =>
  `import net from 'node:net'; ${connecting}.setEncoding('utf8').on('data', (t) => console.log(t)).on('error', (e) => console.log(e.code))`;

describe('a process in the network of the cloud', () => {
  it('reaches names where they stand, by fetch, with the certificate of the name', async () => {
    expect((await node(`console.log(await (await fetch('https://${host}/')).text())`)).text).toBe(host);
  });

  it.each([
    ['net.connect with options', `net.connect({ host: '${host}', port: 5432 })`],
    ['net.connect with a port and a host', `net.connect(5432, '${host}')`],
    ['a socket of its own, as drivers of databases have it', `new net.Socket().connect(5432, '${host}')`],
    ['capitals and a dot at the end', `net.connect(5432, '${host.toUpperCase()}.')`],
  ])('reaches them by %s', async (_, connecting) => {
    expect((await node(over(connecting))).text).toBe('plain');
  });

  it.each([
    ['net.connect', `net.connect({ host: '${host}', port: 5432 })`],
    ['a socket of its own', `new net.Socket().connect(5432, '${host}')`],
  ])('is kept from names that security groups forbid, and says why: %s', async (_, connecting) => {
    const why = 'no rule of sg-1 lets sg-2 in on port 5432';
    writeFileSync(barred, JSON.stringify([{ host, port: 5432, why }]));
    const { text } = await node(over(connecting));
    writeFileSync(barred, '[]');
    expect(text.split('\n').toSorted()).toEqual(['ETIMEDOUT', `no way to ${host}:5432: ${why}`]);
    expect((await node(over(connecting))).text).toBe('plain');
  });

  it('is kept from them by fetch too, and from no other name', async () => {
    writeFileSync(barred, JSON.stringify([{ host, port: 443, why: 'so' }]));
    const script = `await fetch('https://${host}/').catch((e) => console.log(e.cause.message))`;
    expect((await node(script)).text).toContain(`connect ETIMEDOUT ${host}:443 (so)`);
    expect((await node(over(`net.connect(5432, '${host}')`))).text).toBe('plain');
    writeFileSync(barred, '[]');
  });

  it('checks who answers: another name has no good certificate', async () => {
    tell([{ host: 'other.test', port: 443, localPort: ports.secure }]);
    const script = `await fetch('https://other.test/').catch((e) => console.log(e.cause.code))`;
    expect((await node(script)).text).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('sees a table that changes while it runs, and leaves alone what is not in it', async () => {
    tell([]);
    const script = `
      import { writeFileSync } from 'node:fs';
      const ask = () => fetch('https://${host}/').then((r) => r.text(), (e) => e.cause.code);
      const before = await ask();
      writeFileSync(${JSON.stringify(addresses)}, '[{"host":"${host}","port":443,"localPort":${ports.secure}}]');
      console.log(/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED)$/.test(before), await ask(),
        await fetch('http://127.0.0.1:${ports.plain}/').then(() => '', (e) => 'reached'));`;
    expect((await node(script)).text).toBe(`true ${host} reached`);
  });

  it('leaves how it ended, an error that nobody caught too', async () => {
    expect((await node('process.exit(3)')).code).toBe(3);
    expect(readFileSync(exitFile, 'utf8')).toBe('3');
    expect((await node('throw new Error()')).code).toBe(1);
    expect(readFileSync(exitFile, 'utf8')).toBe('1');
    expect((await node('')).code).toBe(0);
    expect(readFileSync(exitFile, 'utf8')).toBe('0');
  });
});
