// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {DiamondAccess} from "./DiamondAccess.sol";
import {IOwnership} from "./IOwnership.sol";

/// @title Initialisers that move a diamond from an owner to roles, and back
/// @notice They go with the cut that exchanges OwnershipFacet and AccessControlFacet, so that the power moves with the
/// functions that show it.
contract AccessInit {
    using EnumerableSet for EnumerableSet.AddressSet;

    /// @notice Takes the diamond from its owner and gives it to holders of roles.
    /// @param admin Gets DEFAULT_ADMIN_ROLE.
    /// @param cutters Get CUTTER_ROLE.
    /// @param pausers Get PAUSER_ROLE.
    function toRoles(address admin, address[] calldata cutters, address[] calldata pausers) external {
        if (admin == address(0)) revert IOwnership.OwnableInvalidOwner(admin);
        DiamondAccess.setOwner(address(0));
        DiamondAccess.grant(DiamondAccess.DEFAULT_ADMIN_ROLE, admin);
        for (uint256 i = 0; i < cutters.length; ++i) {
            DiamondAccess.grant(DiamondAccess.CUTTER_ROLE, cutters[i]);
        }
        for (uint256 i = 0; i < pausers.length; ++i) {
            DiamondAccess.grant(DiamondAccess.PAUSER_ROLE, pausers[i]);
        }
    }

    /// @notice Takes the three roles of the diamond from all their holders and gives it to one owner. Roles of other
    /// facets stay: the owner may revoke them as long as a facet serves `revokeRole`.
    /// @param owner The owner.
    function toOwner(address owner) external {
        if (owner == address(0)) revert IOwnership.OwnableInvalidOwner(owner);
        _empty(DiamondAccess.DEFAULT_ADMIN_ROLE);
        _empty(DiamondAccess.CUTTER_ROLE);
        _empty(DiamondAccess.PAUSER_ROLE);
        DiamondAccess.setOwner(owner);
    }

    function _empty(bytes32 role) private {
        address[] memory members = DiamondAccess.stored().members[role].values();
        for (uint256 i = 0; i < members.length; ++i) DiamondAccess.revoke(role, members[i]);
    }
}
