// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IAccessControlEnumerable
} from "@openzeppelin/contracts/access/extensions/IAccessControlEnumerable.sol";

/// @title Roles that the chain can list
/// @notice OpenZeppelin's roles, with lists of their holders and of the roles that have some. Every role is granted
/// and revoked by DEFAULT_ADMIN_ROLE; an owner, where there is one, may do what any role may.
interface IListedRoles is IAccessControlEnumerable {
    /// @notice All holders of a role, in no order.
    function getRoleMembers(bytes32 role) external view returns (address[] memory);

    /// @notice Every role that somebody holds, in no order.
    function heldRoles() external view returns (bytes32[] memory);
}
