// Plain JavaScript: bring-node.mjs needs it before a Node that runs TypeScript is there.
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `cutover`. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Where parts are kept. All clones of one user share it; where there is no home that can be written to, the project
 * keeps its own. SIDE EFFECTS: makes the folder.
 */
export function chooseCache(environment = process.env, platform = process.platform) {
  const shared = sharedCache(environment, platform);
  if (shared !== undefined && canMake(shared)) return { folder: shared, shared: true };
  return { folder: join(root, '.cutover', 'cache'), shared: false };
}

/**
 * The environment for npm, Go and pip. They keep what they download at home; without a home that can be written to
 * they would fail, and are given room in our own cache.
 */
export function downloadEnvironment(environment = process.env) {
  const home = environment['HOME'] ?? homedir();
  if (canMake(join(home, '.cache'))) return environment;
  const { folder } = chooseCache(environment);
  return {
    npm_config_cache: join(folder, 'npm'),
    GOPATH: join(folder, 'go'),
    GOMODCACHE: join(folder, 'go', 'pkg', 'mod'),
    GOCACHE: join(folder, 'go-build'),
    PIP_CACHE_DIR: join(folder, 'pip'),
    ...environment,
  };
}

function sharedCache(environment, platform) {
  const { XDG_CACHE_HOME: cacheHome } = environment;
  if (cacheHome?.startsWith('/')) return join(cacheHome, 'cutover');
  const home = environment['HOME'] ?? homedir();
  if (!home.startsWith('/')) return undefined;
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'cutover') : join(home, '.cache', 'cutover');
}

/** Whether a folder is there, or can be made, and written to. SIDE EFFECTS: makes it. */
export function canMake(folder) {
  try {
    makeFolders(folder);
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

// One by one: Node's own `recursive` never ends where making a folder fails with "no such file", as below /proc.
function makeFolders(folder) {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}
