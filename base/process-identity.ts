import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';

/**
 * When a process started, as the system tells it: with the pid it names one process for good, since pids are used
 * again. Undefined when there is no such process, or only its remains (a zombie).
 */
export async function processStartTime(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) return undefined;
    // The name, in brackets, may hold anything; the fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${await bootId()}:${fields[19]}`;
  }
  const line = await run('/bin/ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
  const [, stat, started] = /^(\S+)\s+(.+)$/.exec(line.trim()) ?? [];
  return stat === undefined || stat.startsWith('Z') ? undefined : started;
}

/** The processes whose environment holds `NAME=value`, ours among them. Those of other users are not seen. */
export async function processesWithEnvironment(name: string, value: string): Promise<readonly number[]> {
  if (process.platform !== 'linux') {
    const lines = (await run('/bin/ps', ['-axEww', '-o', 'pid=,command='])).split('\n');
    return lines
      .filter((line) => line.includes(` ${name}=${value}`))
      .map((line) => Number.parseInt(line, 10));
  }
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(`${name}=${value}`) ? pid : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

/** The program and arguments of a process, for people. */
export async function processCommand(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
    return line === undefined || line === '' ? undefined : line.replaceAll('\0', ' ').trim();
  }
  return (await run('/bin/ps', ['-o', 'command=', '-p', String(pid)])).trim() || undefined;
}

let boot: Promise<string> | undefined;
function bootId(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (id) => id.trim().slice(0, 8),
    () => 'boot',
  );
  return boot;
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(command, args, { env: { LC_ALL: 'C' }, maxBuffer: 32 << 20 }, (_, stdout) => resolve(stdout));
  });
}
