import type { CatalogueEntry } from '../errors.ts';

/** CUT-2330 to 2399: managed resources of EVM chains beside the contract itself. */
export const evmResourceErrors = {
  'CUT-2330': {
    what: 'There is nothing to change: {subject}.',
    why: 'No contract is at that address on {network}.',
    remedy:
      'Correct the address or the network, or let the resource depend on the one that deploys the contract.',
  },
  'CUT-2331': {
    what: 'It was sent and mined, and it is still not as wanted: {subject}.\n{list}',
    why: 'Somebody else may have changed it in the same moment, or the contract does other than its functions say.',
    remedy: 'Run the same command again; if it stays so, look at the contract.',
  },
  'CUT-2332': {
    what: 'Contracts did not get into a block of {network} within {seconds} s:\n{list}',
    remedy: 'Look at ./cutover tx for what is on its way, then run the same command again.',
  },
  'CUT-2333': {
    what: '{diamond} on {network} does not answer facets() as EIP-2535 says: {reason}.',
    why: 'A cut is planned from the loupe: without one nobody can know what would be overwritten.',
    remedy:
      'Correct the address, or what is said to be the reason; a diamond without a loupe cannot be managed. Nothing was sent.',
  },
  'CUT-2335': {
    what: '{contract} would become another contract at {wanted}; what is in the one at {address} would stay behind.',
    why: 'Its code, arguments or salt changed, and with CREATE2 they decide about the address.',
    remedy:
      "Put them back: what it does is changed by a cut or an upgrade. If a new, empty one is meant: keeps: 'nothing'.",
    exit: 3,
  },
  'CUT-2338': {
    what: 'Whether the initialiser of {title} at {diamond} ran already cannot be known: no endpoint lists the events of the diamond.',
    why: 'The update before this one was cut off, or another one set it up; to run it twice could do harm.',
    remedy: 'Add an endpoint with eth_getLogs over the whole chain, or take `initializer` out if it ran.',
    exit: 3,
  },
  'CUT-2339': {
    what: 'The roles of {name} cannot be as they are wanted:\n{list}',
    remedy: 'Correct `roles`; nothing was sent to a chain.',
    exit: 2,
  },
  'CUT-2340': {
    what: '{title} at {contract} has holders of roles whom nobody wants:\n{list}',
    remedy: "Name them in `roles`, or say what becomes of them: unexpected: 'revoke' or 'tell'.",
    exit: 3,
  },
  'CUT-2341': {
    what: '{contract} on {network} does not say whether it is paused: it has no paused().',
    remedy:
      'Correct the address, or take the resource out: it is for contracts with pause(), unpause() and paused().',
    exit: 2,
  },
  'CUT-2342': {
    what: '{title} cannot be created: the factory {factory} has no facet set {set}, or it has no current version.',
    remedy: 'Let the resource depend on the FacetSet of that name, or correct the name.',
    exit: 2,
  },
  'CUT-2343': {
    what: '{title} at {contract} hands its role DEFAULT_ADMIN_ROLE on in two steps: {admin} holds it, wanted is {wanted}.',
    why: 'With AccessControlDefaultAdminRules nobody can grant or revoke it, so that it never goes to an account that cannot answer.',
    remedy: '{next}',
    exit: 3,
  },
  'CUT-2344': {
    what: '{name} cannot be registered: {list}.',
    remedy: 'Correct it; nothing was sent to a chain.',
    exit: 2,
  },
  'CUT-2345': {
    what: '{contract} on {network} does not answer {view}(): it is no {what}.',
    remedy: 'Correct the address, or the network.',
    exit: 2,
  },
  'CUT-2346': {
    what: 'A call cannot be made as it is described: {name}.\n{list}',
    remedy: 'Correct it; nothing was sent to a chain.',
    exit: 2,
  },
  'CUT-2350': {
    what: '{title} at {proxy} is a beacon proxy: its implementation is the one of the beacon {beacon}.',
    why: 'An upgrade of the beacon changes all of its proxies at once, so none of them can be upgraded by itself.',
    remedy: 'Upgrade the beacon with a Call of upgradeTo(address); take this resource out.',
    exit: 2,
  },
  'CUT-2351': {
    what: '{proxy} is no proxy of ERC-1967: the slot of the implementation is empty.',
    remedy:
      'Correct the address. A minimal clone (ERC-1167) or an older kind of proxy cannot be upgraded in this way.',
    exit: 2,
  },
  'CUT-2352': {
    what: "{title} at {proxy} is given as kind '{kind}', and the chain says otherwise: {found}.",
    remedy: '{right}',
    exit: 2,
  },
  'CUT-2353': {
    what: '{implementation} cannot stand behind the proxy {title}: it is no UUPS implementation.',
    why: 'The upgrade itself is in the implementation. With one that has none the proxy could never be upgraded again: {found}.',
    remedy:
      "Derive the contract from UUPSUpgradeable; nothing was sent. A proxy that upgrades by itself is kind: 'transparent'.",
    exit: 3,
  },
} as const satisfies Record<`CUT-${number}`, CatalogueEntry>;
