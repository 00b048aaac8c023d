// Loaded before a Node process of the rehearsal (`node --import …/vpc.mjs`): it connects to names of the cloud where
// they stand on this machine. Plain ESM without dependencies, since it is loaded into everything.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';

const file = process.env.CUTOVER_ADDRESSES;
/** @type {{ readonly read: string, readonly ports: ReadonlyMap<string, number> }} */
let table = { read: '', ports: new Map() };

/** The table as it is now: bodies come and go while a process runs. */
function ports() {
  if (file === undefined) return table.ports;
  try {
    const { mtimeNs, ino, size } = statSync(file, { bigint: true });
    const read = `${ino} ${mtimeNs} ${size}`;
    if (read === table.read) return table.ports;
    const rows = JSON.parse(readFileSync(file, 'utf8'));
    table = {
      read,
      ports: new Map(rows.map(({ host, port, localPort }) => [`${host.toLowerCase()}:${port}`, localPort])),
    };
  } catch {
    // Before the first body there is no table.
  }
  return table.ports;
}

/** Where a connection really goes. The name itself stays, for what is looked at in the certificate. */
function mapped(options) {
  if (typeof options !== 'object' || options === null || typeof options.host !== 'string') return options;
  const host = options.host.toLowerCase().replace(/\.$/, '');
  const localPort = ports().get(`${host}:${options.port}`);
  if (localPort === undefined) return options;
  return { ...options, host: '127.0.0.1', port: localPort, lookup: undefined, autoSelectFamily: false };
}

const connect = Socket.prototype.connect;
Socket.prototype.connect = function connectInCloud(...args) {
  const [first, second] = args;
  // net.connect hands over its arguments as one list, which it has marked by a symbol: the list itself has to stay.
  if (Array.isArray(first)) {
    const to = mapped(first[0]);
    if (to !== first[0]) first[0] = to;
    return connect.apply(this, args);
  }
  if (typeof first === 'object') return connect.call(this, mapped(first), ...args.slice(1));
  if (typeof second === 'string') {
    return connect.call(this, mapped({ port: Number(first), host: second }), ...args.slice(2));
  }
  return connect.apply(this, args);
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
