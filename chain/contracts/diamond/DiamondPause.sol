// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {
    IAccessControlEnumerable
} from "@openzeppelin/contracts/access/extensions/IAccessControlEnumerable.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IDiamondCut} from "./IDiamondCut.sol";
import {IDiamondLoupe} from "./IDiamondLoupe.sol";
import {IERC173} from "./IERC173.sol";
import {IListedRoles} from "./IListedRoles.sol";
import {IOwnership} from "./IOwnership.sol";
import {IPausableDiamond} from "./IPausableDiamond.sol";

/// @title Whether a diamond is paused
/// @notice The storage of the pause, and the functions that no pause stops.
library DiamondPause {
    /// @custom:storage-location erc7201:cutover.storage.DiamondPause
    struct Stored {
        bool paused;
    }

    // keccak256(abi.encode(uint256(keccak256("cutover.storage.DiamondPause")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0x19677f5bced5b4340c3cd2a884bf42ec3231f802c3632748d583d194fbe56c00;

    /// @dev The diamond's pause.
    function stored() internal pure returns (Stored storage pause) {
        bytes32 slot = SLOT;
        assembly ("memory-safe") {
            pause.slot := slot
        }
    }

    /// @dev What a pause is looked at, mended and ended with: the cut, the loupe, who may do what, and the pause.
    function alwaysWorks(bytes4 selector) internal pure returns (bool) {
        return
            selector == IDiamondCut.diamondCut.selector ||
            selector == IDiamondLoupe.facets.selector ||
            selector == IDiamondLoupe.facetFunctionSelectors.selector ||
            selector == IDiamondLoupe.facetAddresses.selector ||
            selector == IDiamondLoupe.facetAddress.selector ||
            selector == IERC165.supportsInterface.selector ||
            selector == IPausableDiamond.unpause.selector ||
            selector == IPausableDiamond.setWorksWhilePaused.selector ||
            selector == IPausableDiamond.paused.selector ||
            selector == IPausableDiamond.worksWhilePaused.selector ||
            _isAboutAccess(selector);
    }

    function _isAboutAccess(bytes4 selector) private pure returns (bool) {
        return
            selector == IERC173.owner.selector ||
            selector == IERC173.transferOwnership.selector ||
            selector == IOwnership.pendingOwner.selector ||
            selector == IOwnership.acceptOwnership.selector ||
            selector == IOwnership.renounceOwnership.selector ||
            selector == IAccessControl.hasRole.selector ||
            selector == IAccessControl.getRoleAdmin.selector ||
            selector == IAccessControl.grantRole.selector ||
            selector == IAccessControl.revokeRole.selector ||
            selector == IAccessControl.renounceRole.selector ||
            selector == IAccessControlEnumerable.getRoleMember.selector ||
            selector == IAccessControlEnumerable.getRoleMemberCount.selector ||
            selector == IListedRoles.getRoleMembers.selector ||
            selector == IListedRoles.heldRoles.selector;
    }
}
