import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '@cutover/base/project.ts';

/** The facets of every diamond in one contract: the cut, the loupe, the owner. It has the initialiser as well. */
export const baseFacet = 'BaseFacet';
export const libraries: readonly string[] = ['FeeMath', 'TextTools'];

/** Facet001, Facet002, … */
export function facetNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `Facet${String(index + 1).padStart(3, '0')}`);
}

/**
 * Writes the sources of a system. Facets are of 11 to 13 KB, with twelve functions each, and are linked with both
 * libraries; the diamond is a copy of ours. SIDE EFFECTS: writes into the folder.
 */
export function writeSources(folder: string, facetCount: number): void {
  mkdirSync(folder, { recursive: true });
  cpSync(fromRoot('chain/contracts/diamond'), join(folder, 'diamond'), {
    recursive: true,
    filter: (path) => !/Factory|FacetSets|AccessControlFacet|AccessInit|PausableFacet/.test(path),
  });
  write(folder, baseFacet, base);
  write(folder, 'FeeMath', feeMath);
  write(folder, 'TextTools', textTools);
  for (const [index, name] of facetNames(facetCount).entries())
    write(folder, name, facetSource(name, index, 0));
}

/** Writes one facet as it is after a change: other code, the same functions. SIDE EFFECTS: writes into the folder. */
export function writeChangedFacet(folder: string, name: string, version: number): void {
  mkdirSync(folder, { recursive: true });
  write(folder, name, facetSource(name, facetNames(256).indexOf(name), version));
}

function write(folder: string, name: string, text: string): void {
  const path = join(folder, `${name}.sol`);
  // A file that is not touched is not compiled again.
  if (existsSync(path) && readFileSync(path, 'utf8') === head + text) return;
  writeFileSync(path, head + text);
}

const solcVersion = (
  JSON.parse(readFileSync(fromRoot('node_modules/solc/package.json'), 'utf8')) as { version: string }
).version;

const books = ['A', 'B', 'C'];

const head = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ${solcVersion};

`;

const base = `import {DiamondCutFacet} from "./diamond/DiamondCutFacet.sol";
import {DiamondLoupeFacet} from "./diamond/DiamondLoupeFacet.sol";
import {OwnershipFacet} from "./diamond/OwnershipFacet.sol";

contract ${baseFacet} is DiamondCutFacet, DiamondLoupeFacet, OwnershipFacet {
    /// @custom:storage-location erc7201:bench.label
    struct Labelled {
        string label;
        uint256 times;
    }

    /// Run by the first cut; no function of the diamond.
    function initialize(string calldata label) external {
        Labelled storage stored = _labelled();
        stored.label = label;
        ++stored.times;
    }

    function _labelled() private pure returns (Labelled storage stored) {
        assembly ("memory-safe") {
            stored.slot := 0x6c6162656c6c6564
        }
    }
}
`;

const feeMath = `library FeeMath {
    error FeeTooHigh(uint256 fee, uint256 amount);

    function fee(uint256 amount, uint256 basisPoints) external pure returns (uint256 charged) {
        charged = (amount * basisPoints + 9_999) / 10_000;
        if (charged > amount) revert FeeTooHigh(charged, amount);
    }

    function share(uint256 amount, uint256 part, uint256 whole) external pure returns (uint256) {
        return whole == 0 ? 0 : (amount * part) / whole;
    }
}
`;

const textTools = `library TextTools {
    function decimal(uint256 value) external pure returns (string memory text) {
        uint256 digits = 1;
        for (uint256 rest = value / 10; rest != 0; rest /= 10) ++digits;
        bytes memory characters = new bytes(digits);
        for (uint256 i = digits; i > 0; --i) {
            characters[i - 1] = bytes1(uint8(48 + (value % 10)));
            value /= 10;
        }
        text = string(characters);
    }
}
`;

function facetSource(name: string, index: number, version: number): string {
  const number = name.replace('Facet', '');
  // From small to large: when a transaction does not fit into a block any more, anvil 1.7.1 tries the account's next
  // one, finds its nonce too high and drops it for good. No tool here recovers from that at once; real nodes wait.
  const rules = 20 + Math.min(22, Math.floor(1.4 * index));
  const bodies = books.map((book, position) =>
    bookSource(`${number}${book}`, 7 * index + position, rules, version),
  );
  return `import {FeeMath} from "./FeeMath.sol";
import {TextTools} from "./TextTools.sol";

contract ${name} {
    struct Entry {
        address owner;
        uint64 since;
        uint32 tier;
        uint256 amount;
        bytes32 note;
    }

    struct Book {
        mapping(address account => Entry) entries;
        mapping(bytes32 note => uint256) totals;
        mapping(address owner => mapping(address spender => uint256)) allowances;
        address[] members;
        string label;
        uint256 sum;
    }
${bodies.join('')}}
`;
}

/** Four functions around one book of entries. */
function bookSource(id: string, seed: number, rules: number, version: number): string {
  const tiers = Array.from({ length: rules }, (_, rule) => {
    const limit = (rule + 1) * 1_000_003 + seed * 7_919;
    return `        if (amount < ${limit}e12) return (${rule + 1}, ${(rule * 37 + seed + version) % 900});\n`;
  }).join('');
  return `
    error Unknown${id}(address account);
    error TooMuch${id}(address account, uint256 wanted, uint256 available);
    error Uneven${id}(uint256 accounts, uint256 amounts);

    event Deposited${id}(address indexed account, bytes32 indexed note, uint256 amount, uint256 fee);
    event Settled${id}(address indexed account, address indexed by, uint256 amount);

    function deposit${id}(address account, uint256 amount, bytes32 note) external returns (uint256 credited) {
        Book storage book = _book${id}();
        Entry storage entry = book.entries[account];
        (uint32 tier, uint256 rate) = _tier${id}(entry.amount + amount);
        uint256 fee = FeeMath.fee(amount, rate);
        credited = amount - fee;
        if (entry.since == 0) {
            entry.since = uint64(block.timestamp);
            entry.owner = msg.sender;
            book.members.push(account);
        }
        entry.tier = tier;
        entry.amount += credited;
        entry.note = note;
        book.totals[note] += credited;
        book.sum += credited;
        emit Deposited${id}(account, note, credited, fee);
    }

    function settle${id}(address[] calldata accounts, uint256[] calldata amounts) external returns (uint256 settled) {
        if (accounts.length != amounts.length) revert Uneven${id}(accounts.length, amounts.length);
        Book storage book = _book${id}();
        for (uint256 i = 0; i < accounts.length; ++i) {
            Entry storage entry = book.entries[accounts[i]];
            if (entry.since == 0) revert Unknown${id}(accounts[i]);
            uint256 allowed = entry.owner == msg.sender ? entry.amount : book.allowances[entry.owner][msg.sender];
            if (amounts[i] > allowed) revert TooMuch${id}(accounts[i], amounts[i], allowed);
            if (entry.owner != msg.sender) book.allowances[entry.owner][msg.sender] = allowed - amounts[i];
            entry.amount -= amounts[i];
            (entry.tier, ) = _tier${id}(entry.amount);
            book.totals[entry.note] -= amounts[i];
            settled += amounts[i];
            emit Settled${id}(accounts[i], msg.sender, amounts[i]);
        }
        book.sum -= settled;
    }

    function list${id}(uint256 from, uint256 count) external view returns (Entry[] memory page, uint256 shared) {
        Book storage book = _book${id}();
        uint256 members = book.members.length;
        if (from > members) from = members;
        if (count > members - from) count = members - from;
        page = new Entry[](count);
        for (uint256 i = 0; i < count; ++i) {
            page[i] = book.entries[book.members[from + i]];
            shared += FeeMath.share(book.sum, page[i].amount, book.totals[page[i].note]);
        }
    }

    function describe${id}(address account, address spender, uint256 allowance) external returns (string memory) {
        Book storage book = _book${id}();
        Entry memory entry = book.entries[account];
        if (entry.owner == msg.sender) book.allowances[account][spender] = allowance;
        if (bytes(book.label).length == 0) book.label = "book ${id}";
        return
            string.concat(
                book.label,
                ": ",
                TextTools.decimal(entry.amount),
                " in tier ",
                TextTools.decimal(entry.tier),
                " since ",
                TextTools.decimal(entry.since)
            );
    }

    function _tier${id}(uint256 amount) private pure returns (uint32 tier, uint256 rate) {
${tiers}        return (${rules + 1}, ${(seed + version) % 900});
    }

    function _book${id}() private pure returns (Book storage book) {
        assembly ("memory-safe") {
            book.slot := 0x626f6f6b${Buffer.from(id).toString('hex')}
        }
    }
`;
}
