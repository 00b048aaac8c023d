// Downloads a mongod: node fetch-mongod.ts VERSION FOLDER. Prints `mongod: PATH` when it is there.
import { mkdirSync } from 'node:fs';
import { MongoBinary } from 'mongodb-memory-server-core/lib/util/MongoBinary.js';

const [version, folder] = process.argv.slice(2);
if (version === undefined || folder === undefined) throw new Error('usage: fetch-mongod.ts VERSION FOLDER');

// Whether the server answers is decided in 3 s; the library itself would try for minutes.
const mirror = process.env['MONGOMS_DOWNLOAD_MIRROR'] ?? 'https://fastdl.mongodb.org';
try {
  await fetch(mirror, { method: 'HEAD', signal: AbortSignal.timeout(3_000) });
  mkdirSync(folder, { recursive: true });
  process.env['MONGOMS_MAX_RETRIES'] ??= '1';
  const path = await MongoBinary.getPath({
    version,
    downloadDir: folder,
    checkMD5: true,
    platform: process.platform,
    arch: process.arch,
    systemBinary: '',
  });
  process.stdout.write(`\nmongod: ${path}\n`);
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  process.stderr.write(`${new URL(mirror).host}: ${String(cause).replaceAll(/\s+/g, ' ')}\n`);
  process.exitCode = 1;
}
