import type { CatalogueEntry } from '../errors.ts';

/** CUT-2000 to 2999: contracts on EVM chains. CUT-3000 to 3999: Solana. */
export const chainErrors = {
  // 2000 to 2009: compiling.
  'CUT-2000': {
    what: 'There is no Solidity file {source}.',
    why: 'Looked for {path}.',
    remedy: 'Correct `source`: a path relative to the project.',
    exit: 2,
  },
  'CUT-2001': {
    what: '{source} does not compile: {count} error(s).\n{list}',
    remedy: 'Correct the lines above and run the same command again; nothing was sent to a chain.',
    exit: 2,
  },
  'CUT-2002': {
    what: '{source} has no contract {contract}.',
    why: 'Contracts in that file: {found}.',
    remedy: 'Correct `contract`.',
    exit: 2,
  },
  'CUT-2003': {
    what: 'The Solidity compiler did not answer: {reason}',
    remedy: 'Run the command again; if it stays so, reinstall with `npm ci`.',
  },
  // 2010 to 2029: artefacts, arguments, limits. All found before anything is sent.
  'CUT-2010': {
    what: 'The artefact {path} cannot be read: {reason}',
    why: '{hint}',
    remedy:
      'Build the contracts with the tool that makes the file, or correct the path: relative to the project.',
    exit: 2,
  },
  'CUT-2011': {
    what: 'The artefact {path} is not valid JSON: {reason}',
    remedy: 'Build the contracts again; the file may have been cut short.',
    exit: 2,
  },
  'CUT-2012': {
    what: 'The artefact {path} is not in the form that was named: {reason}.',
    remedy:
      'Name the artefact of one contract and the tool that made it (hardhat or foundry), or the source: it is compiled here.',
    exit: 2,
  },
  'CUT-2013': {
    what: '{contract} in {where} has no code that could be deployed.',
    why: 'It is an interface, an abstract contract, or a function of it is not implemented.',
    remedy: 'Name a contract that implements everything.',
    exit: 2,
  },
  'CUT-2014': {
    what: '{contract} uses libraries whose addresses are not given: {missing}.',
    remedy: "Add them: libraries: { '{first}': '0x…' }.",
    exit: 2,
  },
  'CUT-2015': {
    what: '{contract}: {count} of the libraries named do not fit.\n{list}',
    remedy: 'Correct `libraries`.',
    exit: 2,
  },
  'CUT-2020': {
    what: 'The constructor arguments of {contract} do not fit: {count} problem(s).\n{list}',
    why: 'The constructor takes ({parameters}).',
    remedy: 'Correct `args`; nothing was sent to a chain.',
    exit: 2,
  },
  'CUT-2021': {
    what: 'What is expected of {contract} does not fit its ABI: {count} problem(s).\n{list}',
    remedy: 'Correct `expects`; nothing was sent to a chain.',
    exit: 2,
  },
  'CUT-2022': {
    what: '{contract} is too large: {size} bytes of {which}; chains take {limit}.',
    why: '{standard}',
    remedy:
      'Move parts into libraries or facets, or compile with fewer `optimizerRuns` or with `viaIR: true`.',
    exit: 2,
  },
  'CUT-2023': {
    what: '{first} and {second} would be the same contract, {address} on chain {chainId}.',
    why: 'Code, arguments and salt are the same, and they decide about the address.',
    remedy: 'Give one of them a `salt` of its own, or use one resource for both.',
    exit: 2,
  },
  // 2030 to 2039: nodes.
  'CUT-2030': {
    what: 'No endpoint of {network} answers.\n{list}',
    remedy:
      'Start the node (on dev: ./cutover up), or correct the endpoints of this network in the stack file.',
  },
  'CUT-2031': {
    what: '{endpoint} is not {network}: {reason}.',
    why: 'A transaction for one chain must not be sent to another.',
    remedy: 'Correct the chain id or the endpoint of this network in the stack file; nothing was sent.',
    exit: 2,
  },
  'CUT-2032': {
    what: 'The node {endpoint} refused {method}: {message}',
    remedy: 'See what the node says above; run the same command again when it is mended.',
  },
  'CUT-2033': {
    what: 'The endpoints of {network} do not agree on {method}.\n{list}',
    why: 'One of them is behind, follows another branch of the chain, or does not tell the truth.',
    remedy:
      'Run the same command again in some minutes. If it stays so, remove the endpoint that an explorer contradicts from the stack file.',
    exit: 3,
  },
  'CUT-2034': {
    what: '{contract} cannot run on {network}: {problem}.',
    why: 'Its code would be taken, and fail when it is called.',
    remedy: 'Compile it for {newest} or older (`evmVersion`), or wait for the fork.',
    exit: 2,
  },
  // 2040 to 2049: signers.
  'CUT-2040': {
    what: 'The signer {signer} may not sign on chain {chainId}.',
    why: 'Its key is publicly known; only local chains (31337) may use it: elsewhere anybody could take what it holds.',
    remedy: "Name a signer of your own: { kind: 'env', name } or { kind: 'file', name }.",
    exit: 3,
  },
  'CUT-2041': {
    what: 'There is no local account {account}.',
    why: 'Local nodes fund the accounts 0 to {last}.',
    remedy: 'Correct `account`.',
    exit: 2,
  },
  'CUT-2042': {
    what: 'The key of {signer} is not a private key: {problem}.',
    remedy: 'It must be 64 hexadecimal digits, with or without 0x, and nothing else.',
    exit: 2,
  },
  // 2050 to 2069: deploying.
  'CUT-2050': {
    what: '{network} has no deterministic deployment proxy at {address}.',
    why: 'Contracts are deployed through it, so that their addresses are known before anything is sent.',
    remedy:
      'Have it deployed once for the whole chain: https://github.com/Arachnid/deterministic-deployment-proxy; then run the same command again.',
    exit: 3,
  },
  'CUT-2051': {
    what: 'The constructor of {contract} refuses its arguments: it {reason}.',
    why: 'Tried on {network} as a call; nothing was sent.',
    remedy: 'Correct `args`, or what the constructor finds on the chain. It was called with: {args}',
  },
  'CUT-2052': {
    what: 'Deploying {contract} needs {gas} gas; {limiter} allows {limit}.',
    remedy: 'Do less in the constructor, or make the contract smaller.',
  },
  'CUT-2053': {
    what: '{account} cannot pay for {contract} on {network}: it has {balance} ETH and may need {needed} ETH.',
    remedy: 'Send at least {missing} ETH to {account}, then run the same command again.',
  },
  'CUT-2054': {
    what: 'The transaction {hash} on {network} was not mined within {seconds} s.',
    why: 'The fee may be too low for now, or the node is not connected.',
    remedy:
      'Run the same command again: it looks for the contract and for that transaction before it sends another.',
  },
  'CUT-2055': {
    what: 'The transaction {hash} on {network} failed: {reason}.',
    remedy: 'Look at the transaction in an explorer; run the same command again when the cause is gone.',
  },
  'CUT-2056': {
    what: 'At {address} on {network} there is other code than that of {contract}: {difference}.',
    why: 'Code cannot be overwritten.',
    remedy: 'Find out who put it there. To deploy beside it, give the contract another `salt`.',
    exit: 3,
  },
  'CUT-2057': {
    what: '{contract} ({artifact}) has changed since this update was planned.',
    why: 'It would get another address than the one that was shown and that others were given.',
    remedy: 'Run the same command again; do not change sources or artefacts while it runs.',
  },
  'CUT-2058': {
    what: '{contract} at {address} on {network} is not as it must be.\n{list}',
    why: 'It is deployed, but what was expected of it does not hold.',
    remedy:
      'Correct `args` (which gives a new contract) or `expects`, or set it right by a transaction of its owner.',
    exit: 3,
  },
  'CUT-2059': {
    what: 'The view {view} of {address} on {network} could not be asked: {reason}.',
    remedy: 'Check the address, the ABI and the arguments.',
  },
  'CUT-2060': {
    what: '{contract} at {address} on {network} {belongs} to the deployment proxy, so to nobody.',
    why: 'Its constructor makes `msg.sender` the owner; contracts are deployed through the proxy {proxy}, which can only deploy.',
    remedy:
      'Let the constructor take the owner as an argument, and pass it in `args`. Where the contract is of others, deploy one of your own whose constructor makes it and hands it on.',
    exit: 3,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
