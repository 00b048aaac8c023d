// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {TransientSlot} from "@openzeppelin/contracts/utils/TransientSlot.sol";
import {IDiamondCut} from "./IDiamondCut.sol";
import {IDiamondFactory} from "./IDiamondFactory.sol";

/// @title Sets of facets with their history
/// @notice What a factory keeps by name. A version is never changed after it was written.
library FacetSets {
    using SlotDerivation for bytes32;
    using TransientSlot for bytes32;
    using TransientSlot for TransientSlot.BooleanSlot;

    /// @notice A facet of a version and what it serves. That it is an addition is not written.
    struct StoredFacet {
        address facet;
        bytes4[] selectors;
    }

    /// @notice One version.
    struct Version {
        bytes32 contentHash;
        StoredFacet[] facets;
    }

    /// @notice One set. `current` counts from 1; zero when there is none.
    struct FacetSet {
        string name;
        uint256 current;
        Version[] versions;
    }

    /// @notice Functions of a version at most: a creation then takes 12 million gas beside the initialiser's, and
    /// EIP-7825 allows 16.7 in a transaction. It bounds every loop here.
    uint256 internal constant MAX_FUNCTIONS = 400;

    /// @dev Writes the next version and makes it current, unless it is so already.
    function write(
        FacetSet storage set,
        bytes32 id,
        IDiamondCut.FacetCut[] calldata cuts
    ) internal returns (bool) {
        bytes32 contentHash = keccak256(abi.encode(cuts));
        uint256 current = set.current;
        if (current != 0 && set.versions[current - 1].contentHash == contentHash) return false;

        uint256 number = set.versions.length + 1;
        check(keccak256(abi.encode(id, number)), cuts);
        Version storage version = set.versions.push();
        version.contentHash = contentHash;
        for (uint256 i = 0; i < cuts.length; ++i) {
            StoredFacet storage stored = version.facets.push();
            stored.facet = cuts[i].facetAddress;
            stored.selectors = cuts[i].functionSelectors;
        }
        set.current = number;
        return true;
    }

    /// @dev A version that is there, as a cut.
    function read(
        FacetSet storage set,
        uint256 number
    ) internal view returns (IDiamondCut.FacetCut[] memory cuts) {
        StoredFacet[] storage facets = set.versions[number - 1].facets;
        cuts = new IDiamondCut.FacetCut[](facets.length);
        for (uint256 i = 0; i < cuts.length; ++i) {
            cuts[i] = IDiamondCut.FacetCut({
                facetAddress: facets[i].facet,
                action: IDiamondCut.FacetCutAction.Add,
                functionSelectors: facets[i].selectors
            });
        }
    }

    /// @dev Refuses what a diamond could not begin with. Functions seen are marked in transient storage under a key of
    /// this version, which no other call of the same transaction uses.
    function check(bytes32 key, IDiamondCut.FacetCut[] calldata cuts) internal {
        uint256 count = 0;
        for (uint256 i = 0; i < cuts.length; ++i) {
            bytes4[] calldata selectors = cuts[i].functionSelectors;
            address facet = cuts[i].facetAddress;
            if (cuts[i].action != IDiamondCut.FacetCutAction.Add) revert IDiamondFactory.NotAnAddition(i);
            if (selectors.length == 0) revert IDiamondFactory.EmptyEntry(i);
            if (facet.code.length == 0) revert IDiamondFactory.FacetWithoutCode(facet);
            count += selectors.length;
            if (count > MAX_FUNCTIONS) revert IDiamondFactory.BadSize(count);
            for (uint256 s = 0; s < selectors.length; ++s) {
                TransientSlot.BooleanSlot seen = key.deriveMapping(selectors[s]).asBoolean();
                if (seen.tload()) revert IDiamondFactory.DuplicateSelector(selectors[s]);
                seen.tstore(true);
            }
        }
        if (count == 0) revert IDiamondFactory.BadSize(count);
    }
}
