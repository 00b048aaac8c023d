// Hardhat with the same compiler and settings as everything else here; where it deploys comes from the environment.
const path = require('node:path');
const { createRequire } = require('node:module');
const { subtask } = require('hardhat/config');
const { TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD } = require('hardhat/builtin-tasks/task-names');
require('@nomicfoundation/hardhat-ignition');
if (process.env.BENCH_HARDHAT_DEPLOY === '1') require('hardhat-deploy');

const fromChain = createRequire(path.join(process.env.CUTOVER_BENCH_ROOT, 'chain', 'package.json'));
const version = fromChain('solc/package.json').version;

// Hardhat would download a compiler.
subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD, async () => ({
  compilerPath: fromChain.resolve('solc/soljson.js'),
  isSolcJs: true,
  version,
  longVersion: fromChain('solc').version().replace('.Emscripten.clang', ''),
}));

// A folder for each size: Hardhat reads all that it has compiled for each contract that it deploys.
const folder = `hardhat/${process.env.BENCH_FACETS}`;

module.exports = {
  paths: { sources: `${folder}/contracts`, artifacts: `${folder}/artifacts`, cache: `${folder}/cache` },
  solidity: {
    version,
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      viaIR: false,
      metadata: { bytecodeHash: 'none' },
    },
  },
  networks: {
    bench: {
      url: process.env.BENCH_RPC_URL ?? 'http://127.0.0.1:8545',
      accounts: { mnemonic: 'test test test test test test test test test test test junk' },
      saveDeployments: true,
    },
  },
  namedAccounts: { deployer: 0 },
  ignition: { requiredConfirmations: Number(process.env.BENCH_CONFIRMATIONS ?? 5) },
};
