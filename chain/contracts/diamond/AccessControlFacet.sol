// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {
    IAccessControlEnumerable
} from "@openzeppelin/contracts/access/extensions/IAccessControlEnumerable.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {DiamondAccess} from "./DiamondAccess.sol";
import {IListedRoles} from "./IListedRoles.sol";

/// @title The facet of a diamond that is governed by roles
contract AccessControlFacet is IListedRoles {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;

    /// @inheritdoc IAccessControl
    function grantRole(bytes32 role, address account) external {
        DiamondAccess.check(DiamondAccess.DEFAULT_ADMIN_ROLE);
        DiamondAccess.grant(role, account);
    }

    /// @inheritdoc IAccessControl
    function revokeRole(bytes32 role, address account) external {
        DiamondAccess.check(DiamondAccess.DEFAULT_ADMIN_ROLE);
        DiamondAccess.revoke(role, account);
    }

    /// @inheritdoc IAccessControl
    function renounceRole(bytes32 role, address callerConfirmation) external {
        if (callerConfirmation != msg.sender) revert AccessControlBadConfirmation();
        DiamondAccess.revoke(role, msg.sender);
    }

    /// @inheritdoc IAccessControl
    function hasRole(bytes32 role, address account) external view returns (bool) {
        return DiamondAccess.holds(role, account);
    }

    /// @inheritdoc IAccessControl
    function getRoleAdmin(bytes32) external pure returns (bytes32) {
        return DiamondAccess.DEFAULT_ADMIN_ROLE;
    }

    /// @inheritdoc IAccessControlEnumerable
    function getRoleMember(bytes32 role, uint256 index) external view returns (address) {
        return DiamondAccess.stored().members[role].at(index);
    }

    /// @inheritdoc IAccessControlEnumerable
    function getRoleMemberCount(bytes32 role) external view returns (uint256) {
        return DiamondAccess.stored().members[role].length();
    }

    /// @inheritdoc IListedRoles
    function getRoleMembers(bytes32 role) external view returns (address[] memory) {
        return DiamondAccess.stored().members[role].values();
    }

    /// @inheritdoc IListedRoles
    function heldRoles() external view returns (bytes32[] memory) {
        return DiamondAccess.stored().heldRoles.values();
    }
}
