import { connect } from 'node:net';

/** Sends one command after the password and returns what the server says to it. */
export function valkeyCommand(port: number, password: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let said = '';
    socket.once('error', reject);
    socket.setEncoding('utf8').on('data', (text: string) => (said += text));
    socket.once('end', () => resolve(said.replace(/^\+OK\r\n/, '').replace(/\+OK\r\n$/, '')));
    socket.write(`AUTH ${password}\r\n${command}\r\nQUIT\r\n`);
  });
}
