import { createSocket, type Socket } from 'node:dgram';
import * as packet from 'dns-packet';
import type { Ground } from '../body.ts';
import { answersFor, type DnsAnswer } from './names.ts';

/** A name server that listens. */
export interface NameServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers for the zones of the cloud over UDP. SIDE EFFECTS: listens on a port of the loopback interface. */
export async function startNameServer(ground: Ground, usual: number): Promise<NameServer> {
  const socket = await listening(usual).catch(() => listening(0));
  socket.on('message', (message, from) => {
    const reply = replyTo(ground, message);
    if (reply !== undefined) socket.send(reply, from.port, from.address);
  });
  socket.on('error', (error) => ground.log(`name server: ${error.message}`));
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const codes = {
  found: 'NOERROR',
  'no data': 'NOERROR',
  'no name': 'NXDOMAIN',
  elsewhere: 'REFUSED',
} as const;
// Of the header: https://datatracker.ietf.org/doc/html/rfc1035#section-4.1.1
const responseCodes = { NOERROR: 0, NXDOMAIN: 3, REFUSED: 5 } as const;

function replyTo(ground: Ground, message: Buffer): Buffer | undefined {
  try {
    const { id, questions = [], type, flags = 0 } = packet.decode(message);
    const [question] = questions;
    if (type !== 'query' || question === undefined) return undefined;
    const found = answersFor(ground, question.name, question.type);
    return packet.encode({
      ...{ type: 'response', id, questions },
      flags:
        (flags & packet.RECURSION_DESIRED) | packet.AUTHORITATIVE_ANSWER | responseCodes[codes[found.kind]],
      answers: found.kind === 'found' ? found.answers.flatMap(answerOf) : [],
    });
  } catch {
    // What cannot be read is not answered.
    return undefined;
  }
}

function answerOf({ name, type, ttl, value }: DnsAnswer): packet.Answer[] {
  switch (type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
      return [{ name, type, ttl, data: value }];
    case 'TXT':
      return [
        {
          name,
          type,
          ttl,
          data: [...value.matchAll(/"([^"]*)"|(\S+)/g)].map(([, one, other]) => one ?? other ?? ''),
        },
      ];
    case 'MX': {
      const [preference = '0', exchange = ''] = value.split(/\s+/);
      return [{ name, type, ttl, data: { preference: Number(preference), exchange } }];
    }
    default:
      return [];
  }
}

function listening(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
