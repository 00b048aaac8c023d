// Finds a Node that runs TypeScript as it is, or brings one from npm, and links it to .cutover/tools/bin/node.
// Plain JavaScript on purpose: any Node from 18 on runs it, and it uses nothing but Node itself.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { chooseCache, downloadEnvironment, root } from '../base/user-cache.mjs';
import { strangeCertificate } from './strange-certificate.mjs';

const pins = JSON.parse(readFileSync(join(root, 'toolchain', 'pins.json'), 'utf8')).node;
const bin = join(root, '.cutover', 'tools', 'bin');

try {
  link(onPath() ?? fromNpm());
} catch (error) {
  process.stderr.write(`${error.told ? error.message : `CUT-5002 ${error.stack}`}\n`);
  process.exit(1);
}

/** The first Node on PATH that is new enough. Asking each for its own path sees through the shims of version managers. */
function onPath() {
  const seen = new Set();
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, 'node');
    if (!folder.startsWith('/') || folder === bin || !isExecutable(candidate)) continue;
    const real = realpathSync(candidate);
    if (seen.has(real)) continue;
    seen.add(real);
    const found = ask(candidate);
    if (found !== undefined && found.major >= pins.atLeast) {
      return { version: found.version, path: found.path, origin: `on PATH (${candidate})` };
    }
  }
  return undefined;
}

function ask(node) {
  const asked = spawnSync(node, ['-p', 'process.versions.node + " " + process.execPath'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  const answer = /^((\d+)\.\S+) (.+)$/.exec(asked.stdout?.trim() ?? '');
  return answer === null ? undefined : { version: answer[1], major: Number(answer[2]), path: answer[3] };
}

function fromNpm() {
  const platform = `${process.platform}-${process.arch}`;
  const build = pins.builds[platform];
  if (build === undefined) {
    throw told(
      `npm has no build of Node ${pins.atLeast} for ${platform}, and the Node on PATH is ${process.version}`,
      `install Node ${pins.atLeast} or newer (https://nodejs.org) and put it on PATH`,
    );
  }
  const cache = chooseCache();
  const entry = join(cache.folder, `node-${build.version}-${platform}`);
  const node = join(entry, 'bin', 'node');
  const origin = `npm package ${build.package}`;
  if (ask(node)?.version !== build.version) download(build, entry, cache.folder);
  return { version: build.version, path: node, origin };
}

function download(build, entry, cacheFolder) {
  const began = Date.now();
  process.stderr.write(
    `cutover: Node ${build.version} from npm, as no Node from ${pins.atLeast} on is on PATH …\n`,
  );
  if (spawnSync('npm', ['--version'], { stdio: 'ignore' }).status !== 0) {
    throw told(
      'there is no npm on PATH to bring it with',
      'install npm (Debian: apt install npm) and run it again',
    );
  }
  mkdirSync(join(cacheFolder, '.new'), { recursive: true });
  const workshop = mkdtempSync(join(cacheFolder, '.new', 'node-'));
  try {
    const wanted = `${build.package}@${build.version}`;
    try {
      const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      const patience = ['--fetch-retry-maxtimeout=10000'];
      execFileSync('npm', ['install', '--prefix', workshop, ...quiet, ...patience, wanted], {
        cwd: workshop,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: downloadEnvironment(),
      });
    } catch (error) {
      const why = String(error.stderr ?? error.message).trim();
      throw told(
        `npm could not install ${wanted}: ${why}`,
        strangeCertificate(why) ?? 'see that npm reaches its registry, and run it again',
      );
    }
    const modules = join(workshop, 'node_modules');
    const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
    const integrity = lock.packages[`node_modules/${build.package}`]?.integrity;
    if (integrity !== build.integrity) {
      throw told(
        `the registry served another ${wanted} than the one that is pinned (${integrity})`,
        'find out where the registry that npm is set up with gets it from; nothing of it was kept',
      );
    }
    const made = join(modules, build.package);
    if (ask(join(made, 'bin', 'node'))?.version !== build.version) {
      throw told(
        `${wanted} does not run on this machine`,
        `install Node ${pins.atLeast} or newer with the system's own packages (Alpine: apk add nodejs npm)`,
      );
    }
    publish(made, entry);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  process.stderr.write(`  done  Node ${build.version}, ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
}

/** Puts a finished folder in place in one step. When another clone was first, its copy is as good. */
function publish(made, entry) {
  if (existsSync(entry) && ask(join(entry, 'bin', 'node')) === undefined) {
    rmSync(entry, { recursive: true, force: true });
  }
  try {
    renameSync(made, entry);
  } catch (error) {
    if (!existsSync(entry)) throw error;
  }
}

function link(node) {
  mkdirSync(bin, { recursive: true });
  const temporary = join(bin, `.node-${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(realpathSync(node.path), temporary);
  renameSync(temporary, join(bin, 'node'));
  writeFileSync(join(dirname(bin), 'node.json'), `${JSON.stringify(node, undefined, 2)}\n`);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function told(why, fix) {
  const error = new Error(
    `CUT-5002 Node ${pins.atLeast} is needed and could not be brought.\n  why: ${why}\n  fix: ${fix}`,
  );
  return Object.assign(error, { told: true });
}
