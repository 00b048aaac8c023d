/** A listening socket as the kernel lists it. */
export interface Listener {
  readonly port: number;
  readonly inode: string;
  readonly uid: number;
}

/** Who listens on a port. What the system does not tell us of other users' processes is left out. */
export interface PortHolder {
  readonly pid?: number;
  readonly command?: string;
  readonly user?: string;
}

/** The listening sockets in the text of /proc/net/tcp or tcp6. */
export function parseListeners(table: string): readonly Listener[] {
  const listening = '0A';
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listening)
    .map((fields) => ({
      port: Number.parseInt(fields[1]?.split(':')[1] ?? '', 16),
      uid: Number(fields[7]),
      inode: fields[9] ?? '',
    }));
}

/** The first process in what `lsof -F pcL` prints. */
export function parseLsof(text: string): PortHolder | undefined {
  const field = (letter: string): string | undefined =>
    text
      .split('\n')
      .find((line) => line.startsWith(letter))
      ?.slice(1);
  const pid = field('p');
  if (pid === undefined) return undefined;
  const command = field('c');
  const user = field('L');
  return {
    pid: Number(pid),
    ...(command === undefined ? {} : { command }),
    ...(user === undefined ? {} : { user }),
  };
}

/** The name of a user id in the text of /etc/passwd. */
export function userName(passwd: string, uid: number): string {
  const line = passwd.split('\n').find((each) => each.split(':')[2] === String(uid));
  return line?.split(':')[0] ?? `uid ${uid}`;
}

/** The holder in words: `python3 -m http.server (pid 4711, user alice)`. */
export function describeHolder(holder: PortHolder | undefined): string {
  if (holder === undefined) return 'a process that the system does not show to this user';
  const command = holder.command === undefined ? 'a process' : shorten(holder.command, 120);
  const facts = [
    ...(holder.pid === undefined ? [] : [`pid ${holder.pid}`]),
    ...(holder.user === undefined ? [] : [`user ${holder.user}`]),
  ];
  return facts.length === 0 ? command : `${command} (${facts.join(', ')})`;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
