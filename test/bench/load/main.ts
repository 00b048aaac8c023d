import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { table } from '../../../ops/terminal.ts';
import { arrivals, figuresOf, profile, shortened, type Answered, type Stage } from './profile.ts';

// `node test/bench/load/main.ts URL [SHARE]`: the load of a launch day on one URL, and before it the same on a server
// that does nothing, in the same process: that is what client and machine cost by themselves. It judges nothing.
const [url = 'http://127.0.0.1:1337/parse/health', share = '1'] = process.argv.slice(2);
const stages = shortened(profile, Number(share));
const timeoutMs = 10_000;

const idle = createServer((_, response) => response.end('{}'));
await new Promise<void>((resolve) => idle.listen(0, '127.0.0.1', resolve));
const floorUrl = `http://127.0.0.1:${(idle.address() as AddressInfo).port}/`;

await answerOf(new Agent({ keepAlive: false }), url, { atMs: 0, stage: 'before' }, performance.now()).then(
  ({ wrong }) => {
    if (wrong === undefined) return;
    process.stderr.write(
      `${url} does not answer as it should (${wrong}); ./cutover up starts the dev stack\n`,
    );
    process.exit(1);
  },
);
const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0);
process.stdout.write(
  `${url}: ${arrivals(stages).length} requests in ${seconds} s, after as many on a bare server\n`,
);
const floor = await load(floorUrl, stages);
idle.close();
const ours = await load(url, stages);
const rows = [
  ['server', 'stage', 'requests', 'failed', 'median ms', 'p95 ms', 'p99 ms', 'most ms'],
  ...rowsOf('bare', floor),
  ...rowsOf('this', ours),
];
process.stdout.write(`${table(rows).join('\n')}\n`);
const reasons = new Map<string, number>();
for (const { wrong } of ours) if (wrong !== undefined) reasons.set(wrong, (reasons.get(wrong) ?? 0) + 1);
for (const [reason, count] of reasons) process.stdout.write(`failed: ${count} times ${reason}\n`);

function rowsOf(server: string, answers: readonly Answered[]): string[][] {
  return figuresOf(stages, answers).map((each) => [
    ...[server, each.stage, String(each.requests), String(each.failed)],
    ...[each.medianMs, each.p95Ms, each.p99Ms, each.mostMs].map((ms) => ms.toFixed(1)),
  ]);
}

/** Sends each request when it is due, whether those before it were answered or not. SIDE EFFECTS: asks the server. */
async function load(target: string, wanted: readonly Stage[]): Promise<readonly Answered[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const began = performance.now();
  const running: Promise<Answered>[] = [];
  for (const arrival of arrivals(wanted)) {
    const pause = arrival.atMs - (performance.now() - began);
    if (pause > 1) await new Promise((resolve) => setTimeout(resolve, pause));
    running.push(answerOf(agent, target, arrival, began));
  }
  const answers = await Promise.all(running);
  agent.destroy();
  return answers;
}

function answerOf(
  agent: Agent,
  target: string,
  arrival: { readonly atMs: number; readonly stage: string },
  began: number,
): Promise<Answered> {
  return new Promise((resolve) => {
    const end = (wrong: string | undefined): void =>
      resolve({ ...arrival, tookMs: performance.now() - began - arrival.atMs, wrong });
    const asked = request(target, { agent, timeout: timeoutMs }, (response) => {
      response.resume();
      response.once('end', () =>
        end(response.statusCode === 200 ? undefined : `status ${response.statusCode}`),
      );
      response.once('error', (error) => end(error.message));
    });
    asked.once('timeout', () => asked.destroy(new Error(`no answer in ${timeoutMs / 1000} s`)));
    asked.once('error', (error) => end(error.message));
    asked.end();
  });
}
