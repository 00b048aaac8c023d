// Loaded before a Node process of the rehearsal (`node --import …/vpc.mjs`): it connects to names of the cloud where
// they stand on this machine. Plain ESM without dependencies, since it is loaded into everything.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';

/** Rows of a file about names of the cloud, by `host:port`, as they are now: bodies come and go while a process runs. */
function rowsOf(path) {
  let table = { read: '', rows: new Map() };
  return () => {
    if (path === undefined) return table.rows;
    try {
      const { mtimeNs, ino, size } = statSync(path, { bigint: true });
      const read = `${ino} ${mtimeNs} ${size}`;
      if (read === table.read) return table.rows;
      const rows = JSON.parse(readFileSync(path, 'utf8'));
      table = { read, rows: new Map(rows.map((row) => [`${row.host.toLowerCase()}:${row.port}`, row])) };
    } catch {
      // Before the first body there is no table.
    }
    return table.rows;
  };
}
const addresses = rowsOf(process.env.CUTOVER_ADDRESSES);
// What security groups and networks keep this process from.
const barred = rowsOf(process.env.CUTOVER_BARRED);

function nameOf({ host, port }) {
  return `${host.toLowerCase().replace(/\.$/, '')}:${port}`;
}

/** Where a connection really goes. The name itself stays, for what is looked at in the certificate. */
function mapped(options) {
  if (typeof options !== 'object' || options === null || typeof options.host !== 'string') return options;
  const name = nameOf(options);
  const why = barred().get(name)?.why;
  if (why !== undefined) return { name, why };
  const localPort = addresses().get(name)?.localPort;
  if (localPort === undefined) return options;
  return { ...options, host: '127.0.0.1', port: localPort, lookup: undefined, autoSelectFamily: false };
}

const said = new Set();

/** A connection for which there is no way: there it would wait until somebody gives up. */
function giveUp(socket, { name, why }) {
  const text = `no way to ${name}: ${why}`;
  if (!said.has(text)) process.stderr.write(`${text}\n`);
  said.add(text);
  const error = Object.assign(new Error(`connect ETIMEDOUT ${name} (${why})`), {
    ...{ code: 'ETIMEDOUT', syscall: 'connect' },
  });
  socket.connecting = true;
  process.nextTick(() => socket.destroy(error));
  return socket;
}

const connect = Socket.prototype.connect;
Socket.prototype.connect = function connectInCloud(...args) {
  const [first, second] = args;
  // net.connect hands over its arguments as one list, which it has marked by a symbol: the list itself has to stay.
  if (Array.isArray(first)) {
    const to = mapped(first[0]);
    if (to?.why !== undefined) return giveUp(this, to);
    if (to !== first[0]) first[0] = to;
    return connect.apply(this, args);
  }
  const isOptions = typeof first === 'object';
  if (!isOptions && typeof second !== 'string') return connect.apply(this, args);
  const to = mapped(isOptions ? first : { port: Number(first), host: second });
  if (to?.why !== undefined) return giveUp(this, to);
  return connect.call(this, to, ...args.slice(isOptions ? 1 : 2));
};

// How the process ended, for a ground that did not start it and cannot wait for it.
const exitFile = process.env.CUTOVER_EXIT_FILE;
if (exitFile !== undefined) {
  process.on('exit', (code) => {
    try {
      writeFileSync(exitFile, String(process.exitCode ?? code));
    } catch {
      // Its folder is gone, and so is who would read it.
    }
  });
}
