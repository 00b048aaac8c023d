import { baseFacet } from './sources.ts';
import type { BenchFacet, BenchSystem } from './system.ts';

/** How a forge script deploys: with plain CREATE, or with CREATE2 through the common proxy as ours does. */
export type ForgeHabit = 'create' | 'create2';

/** The system as a forge script, as its users write it: one `new` after the other. Libraries are forge's own affair. */
export function forgeScript(
  { facets, base, cuts, admin, initialize }: BenchSystem,
  habit: ForgeHabit,
): string {
  const made = habit === 'create2' ? '{salt: "bench"}' : '';
  const imports = [
    'diamond/Diamond',
    'diamond/DiamondCutFacet',
    'diamond/IDiamondCut',
    baseFacet,
    ...facets.map(({ name }) => name),
  ];
  const position = new Map(facets.map(({ name }, index) => [name, index]));
  const selectors = (list: string, { functions }: BenchFacet): string =>
    functions.map(({ selector }, index) => `        ${list}[${index}] = ${selector};\n`).join('');
  const cut = (names: readonly string[], index: number): string => `
    function _cut${index}(address diamond, address[] memory facets, address init, bytes memory data) private {
        IDiamondCut.FacetCut[] memory cuts = new IDiamondCut.FacetCut[](${names.length});
${names.map((name, entry) => `        cuts[${entry}] = IDiamondCut.FacetCut(facets[${position.get(name)}], IDiamondCut.FacetCutAction.Add, _selectors${name}());\n`).join('')}        DiamondCutFacet(diamond).diamondCut(cuts, init, data);
    }
`;
  const listOf = (facet: BenchFacet): string => `
    function _selectors${facet.name}() private pure returns (bytes4[] memory list) {
        list = new bytes4[](${facet.functions.length});
${selectors('list', facet)}    }
`;
  return `// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.0;

${imports.map((path) => `import {${path.replace(/.*\//, '')}} from "../contracts/${path}.sol";\n`).join('')}
interface Vm {
    function startBroadcast() external;
    function stopBroadcast() external;
}

contract Deploy {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    function run() external {
        vm.startBroadcast();
        address base = address(new ${baseFacet}${made}());
        IDiamondCut.FacetCut[] memory first = new IDiamondCut.FacetCut[](1);
        first[0] = IDiamondCut.FacetCut(base, IDiamondCut.FacetCutAction.Add, _selectors${baseFacet}());
        address diamond = address(new Diamond${made}(${admin}, first, address(0), ""));
        address[] memory facets = new address[](${facets.length});
${facets.map(({ name }, index) => `        facets[${index}] = address(new ${name}${made}());\n`).join('')}${cuts
    .map((_, index) => {
      const last = index === cuts.length - 1;
      return `        _cut${index}(diamond, facets, ${last ? `base, hex"${initialize.slice(2)}"` : 'address(0), ""'});\n`;
    })
    .join('')}        vm.stopBroadcast();
    }
${cuts.map(cut).join('')}${[base, ...facets].map(listOf).join('')}}
`;
}
