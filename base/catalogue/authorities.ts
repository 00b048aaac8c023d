import type { CatalogueEntry } from '../errors.ts';

/** CUT-2250 to 2299: who may change a contract, and how far a change has come. */
export const authorityErrors = {
  // 2250 to 2259: what was given, and calls that a chain refuses.
  'CUT-2250': {
    what: 'The authority is described wrongly:\n{list}',
    remedy: 'Correct the lines above; nothing was sent.',
    exit: 2,
  },
  'CUT-2251': {
    what: 'What is to be done ({purpose}) is described wrongly:\n{list}',
    remedy: 'Correct the lines above; nothing was sent.',
    exit: 2,
  },
  'CUT-2252': {
    what: '{purpose} would fail on {network}: {target} {reason}.',
    why: 'Tried as a call from {sender}; nothing was sent.{who}',
    remedy:
      'Correct what is asked for, or have the right given to {sender}; then run the same command again.',
    exit: 3,
  },
  'CUT-2253': {
    what: '{purpose} needs {gas} gas on {network}; one transaction may use {limit}.',
    remedy: 'Do it in smaller parts.',
  },
  'CUT-2254': {
    what: '{purpose} failed in {hash} on {network}: it {reason}.',
    why: 'A moment before it was possible; something on the chain changed in between.',
    remedy: 'Run the same command again: it looks at the chain anew.',
  },
  // 2260 to 2269: Safes.
  'CUT-2260': {
    what: 'At {address} on {network} there is no Safe that can be used: {reason}.',
    remedy: 'Correct the address or the network; a Safe of release 1.3.0 or later is needed.',
    exit: 2,
  },
  'CUT-2261': {
    what: 'The Safe {address} on {network} computes another hash for the transaction: {theirs}, not {ours}.',
    why: 'Owners would sign something else than what is executed.',
    remedy: 'Sign nothing. Find out what is at this address: it is no Safe as it was published.',
    exit: 3,
  },
  'CUT-2262': {
    what: '{network} has no MultiSendCallOnly of Safe, which a Safe needs to do several calls at once.',
    why: 'Looked for at {addresses}; its code runs with the rights of the Safe, so no other is taken.',
    remedy: 'Have it deployed as https://github.com/safe-global/safe-deployments says, or use one call.',
    exit: 3,
  },
  'CUT-2263': {
    what: 'The Safe executed {purpose} in {hash} on {network}, and the call failed: it {reason}.',
    why: 'The transaction stands in the chain and its nonce is used, but it changed nothing.',
    remedy: 'Remove the cause, then have it proposed again (`again: true`); its owners approve anew.',
    exit: 3,
  },
  'CUT-2264': {
    what: '{purpose} was done in {hash} on {network}, but what it should bring about does not hold.',
    why: 'The same again would change nothing either.',
    remedy:
      'Compare the call with what is expected of it. If something has undone it meanwhile, have it proposed again (`again: true`).',
    exit: 3,
  },
  'CUT-2265': {
    what: 'Nobody can say whether {purpose} was executed by the Safe {address} on {network}.',
    why: 'Nonce {nonce} is used, and no endpoint would list the events since block {block}.',
    remedy:
      'Use an endpoint that answers eth_getLogs, or look up {hash} and set `again: true` if it was not executed.',
    exit: 3,
  },
  'CUT-2266': {
    what: '{purpose} does not come to rest at {address}: others act on it all the time.',
    remedy: 'Run the same command again when others are done.',
  },
  // 2270 to 2279: time locks.
  'CUT-2270': {
    what: 'At {address} on {network} there is no TimelockController: {reason}.',
    remedy: 'Correct the address or the network.',
    exit: 2,
  },
  'CUT-2271': {
    what: 'The time lock {address} on {network} computes another id for the operation: {theirs}, not {ours}.',
    why: 'What is scheduled could then not be found again.',
    remedy: 'Find out what is at this address: it is no TimelockController as OpenZeppelin publishes it.',
    exit: 3,
  },
  'CUT-2272': {
    what: '{account} may not do what {purpose} needs: it lacks the role {role} of the time lock {address} on {network}.',
    why: 'Those who have it: {holders}.',
    remedy: 'Name one of them in the authority, or have the role granted to {account}.',
    exit: 3,
  },
  'CUT-2273': {
    what: 'The operation {id} ({purpose}) is scheduled in the time lock {address} with a delay of {delay} s; {wanted} s are required.',
    why: 'Those whom the delay protects would have less time than was promised.',
    remedy:
      'Have it cancelled by one with the role CANCELLER_ROLE ({holders}), then run the same command again; or require less (`delaySeconds`).',
    exit: 3,
  },
  // 2280 to 2289: ./cutover approve.
  'CUT-2280': {
    what: 'Nothing that waits for approval on {stack} has {which}.',
    why: 'Proposals are looked for in {folder}; there wait: {known}.',
    remedy: 'Run ./cutover approve {stack} without further options to see what waits.',
    exit: 2,
  },
  'CUT-2281': {
    what: 'The proposal {file} is not to be trusted: {problem}.',
    why: 'What is signed must be what is shown. The file may have been tampered with or damaged.',
    remedy: 'Sign nothing of it. Remove the file and run the update again: it writes it anew.',
    exit: 3,
  },
  'CUT-2282': {
    what: '{address} ({signer}) is no owner of the Safe {safe} on {network}.',
    why: 'Its owners are: {owners}.',
    remedy: 'Sign as one of them: --signer NAME, a name of cutover:signers.',
    exit: 3,
  },
  'CUT-2283': {
    what: '{hash} cannot be approved any more: {reason}.',
    remedy: 'Run ./cutover approve {stack} to see what waits now.',
    exit: 3,
  },
  'CUT-2284': {
    what: '{count} proposals of {stack} wait; it must be said which one to sign.',
    why: 'They are: {hashes}.',
    remedy: 'Name one: --hash SAFE_TX_HASH.',
    exit: 2,
  },
  'CUT-2285': {
    what: 'Nobody could be asked whether to sign.',
    why: 'There is no terminal.',
    remedy: 'Look at what it does with ./cutover approve {stack}; then sign with --yes.',
    exit: 2,
  },
  'CUT-2286': {
    what: 'The stack file of {stack} has no {what}.',
    why: 'There are: {known}.',
    remedy: '{fix}',
    exit: 2,
  },
  // 2290 to 2299: keys in AWS KMS.
  'CUT-2290': {
    what: 'AWS KMS refuses {key}: access denied ({action}).',
    why: '{message}',
    remedy:
      "Allow kms:GetPublicKey and kms:Sign on this key to the identity that runs this, in the key's policy or its own.",
    exit: 3,
  },
  'CUT-2291': {
    what: 'There is no {key}.',
    why: '{message}',
    remedy: 'Correct `key` (an id, an ARN, or alias/NAME) or `region`.',
    exit: 2,
  },
  'CUT-2292': {
    what: '{key} cannot sign for EVM chains: it is {found}.',
    why: 'They take signatures of the curve secp256k1 only.',
    remedy:
      'Create a key with the spec ECC_SECG_P256K1 and the usage SIGN_VERIFY; a key cannot be changed into one.',
    exit: 2,
  },
  'CUT-2293': {
    what: '{key} cannot be used at the moment: {message}',
    remedy:
      'Enable the key, or cancel its deletion (aws kms enable-key, aws kms cancel-key-deletion); then run the same command again.',
    exit: 3,
  },
  'CUT-2294': {
    what: 'AWS KMS could not be asked for {key}: {message}',
    remedy:
      'See that AWS credentials are at hand (aws sts get-caller-identity) and that KMS can be reached; then run the same command again.',
  },
  'CUT-2295': {
    what: 'The signature of {key} is not one of its public key ({address}).',
    why: 'An alias may have been pointed to another key meanwhile.',
    remedy: 'Run the same command again; if it stays so, name the key by its ARN.',
  },
  'CUT-2296': {
    what: 'AWS KMS takes no more requests for {key} at the moment ({action}): {message}',
    why: 'Its quotas count all keys and users of the account in that region; it was asked several times.',
    remedy:
      'Run the same command again: what was sent is in the journal and is not sent twice. If it stays so, see who else ' +
      'signs there, or have the quota raised (Service Quotas, "Cryptographic operations (ECC) request rate").',
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
