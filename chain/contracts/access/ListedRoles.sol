// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl, IAccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {AccessControlEnumerable} from "@openzeppelin/contracts/access/extensions/AccessControlEnumerable.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

/// @title Roles that the chain can list
/// @notice One admin, handed on in two steps with a delay between; holders of every role by name; and every role that
/// has a holder, so that a check of access needs no list of its own of what to ask for.
abstract contract ListedRoles is AccessControlDefaultAdminRules, AccessControlEnumerable {
    using EnumerableSet for EnumerableSet.Bytes32Set;

    EnumerableSet.Bytes32Set private _heldRoles;

    /// @notice Every role that somebody holds, in no order.
    function heldRoles() external view returns (bytes32[] memory) {
        return _heldRoles.values();
    }

    /// @inheritdoc AccessControlDefaultAdminRules
    function grantRole(
        bytes32 role,
        address account
    ) public virtual override(AccessControl, AccessControlDefaultAdminRules, IAccessControl) {
        super.grantRole(role, account);
    }

    /// @inheritdoc AccessControlDefaultAdminRules
    function revokeRole(
        bytes32 role,
        address account
    ) public virtual override(AccessControl, AccessControlDefaultAdminRules, IAccessControl) {
        super.revokeRole(role, account);
    }

    /// @inheritdoc AccessControlDefaultAdminRules
    function renounceRole(
        bytes32 role,
        address account
    ) public virtual override(AccessControl, AccessControlDefaultAdminRules, IAccessControl) {
        super.renounceRole(role, account);
    }

    /// @inheritdoc AccessControlDefaultAdminRules
    function supportsInterface(
        bytes4 interfaceId
    ) public view virtual override(AccessControlDefaultAdminRules, AccessControlEnumerable) returns (bool) {
        return super.supportsInterface(interfaceId);
    }

    function _grantRole(
        bytes32 role,
        address account
    )
        internal
        virtual
        override(AccessControlDefaultAdminRules, AccessControlEnumerable)
        returns (bool granted)
    {
        granted = super._grantRole(role, account);
        if (granted) _heldRoles.add(role);
    }

    function _revokeRole(
        bytes32 role,
        address account
    )
        internal
        virtual
        override(AccessControlDefaultAdminRules, AccessControlEnumerable)
        returns (bool revoked)
    {
        revoked = super._revokeRole(role, account);
        if (revoked && getRoleMemberCount(role) == 0) _heldRoles.remove(role);
    }

    function _setRoleAdmin(
        bytes32 role,
        bytes32 adminRole
    ) internal virtual override(AccessControl, AccessControlDefaultAdminRules) {
        super._setRoleAdmin(role, adminRole);
    }
}
