// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {DiamondRoutes} from "./DiamondRoutes.sol";
import {IERC173} from "./IERC173.sol";
import {IOwnership} from "./IOwnership.sol";

/// @title Who may do what with a diamond
/// @notice One owner, or holders of roles, or both. Facets ask here, so that they work in either kind of diamond.
library DiamondAccess {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;

    /// @custom:storage-location erc7201:cutover.storage.DiamondAccess
    struct Stored {
        address owner;
        address pendingOwner;
        mapping(bytes32 role => EnumerableSet.AddressSet) members;
        EnumerableSet.Bytes32Set heldRoles;
    }

    /// @notice Grants and revokes roles, ends a pause.
    bytes32 internal constant DEFAULT_ADMIN_ROLE = 0x00;
    /// @notice Cuts, and with an initialiser does anything at all in the diamond's storage.
    bytes32 internal constant CUTTER_ROLE = keccak256("CUTTER_ROLE");
    /// @notice Pauses. Made for a fast key.
    bytes32 internal constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    // keccak256(abi.encode(uint256(keccak256("cutover.storage.DiamondAccess")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SLOT = 0xf75dd5e9d30b703b968402e43482653fa1149baf26dfab3307147c2724cc3200;

    /// @dev The diamond's owner and roles.
    function stored() internal pure returns (Stored storage access) {
        bytes32 slot = SLOT;
        assembly ("memory-safe") {
            access.slot := slot
        }
    }

    /// @dev Refuses a caller who is neither the owner nor a holder of the role.
    function check(bytes32 role) internal view {
        if (msg.sender != stored().owner && !holds(role, msg.sender)) {
            revert IAccessControl.AccessControlUnauthorizedAccount(msg.sender, role);
        }
    }

    /// @dev Whether an account holds a role; an owner need not.
    function holds(bytes32 role, address account) internal view returns (bool) {
        return stored().members[role].contains(account);
    }

    /// @dev Gives a new diamond to its admin, in the kind that the diamond can show: as owner, if it serves `owner` or
    /// no roles; with all roles, if it serves `grantRole`. So nobody has a power that the diamond cannot be asked for.
    function begin(address admin) internal {
        if (admin == address(0)) revert IOwnership.OwnableInvalidOwner(admin);
        bool byRoles = DiamondRoutes.serves(IAccessControl.grantRole.selector);
        if (!byRoles || DiamondRoutes.serves(IERC173.owner.selector)) setOwner(admin);
        if (!byRoles) return;
        grant(DEFAULT_ADMIN_ROLE, admin);
        grant(CUTTER_ROLE, admin);
        grant(PAUSER_ROLE, admin);
    }

    /// @dev Makes an account the owner; an offer to another one is void.
    function setOwner(address owner) internal {
        Stored storage access = stored();
        address previous = access.owner;
        delete access.pendingOwner;
        access.owner = owner;
        emit IERC173.OwnershipTransferred(previous, owner);
    }

    /// @dev Gives an account a role that it may have already.
    function grant(bytes32 role, address account) internal {
        Stored storage access = stored();
        if (!access.members[role].add(account)) return;
        access.heldRoles.add(role);
        emit IAccessControl.RoleGranted(role, account, msg.sender);
    }

    /// @dev Takes from an account a role that it may not have.
    function revoke(bytes32 role, address account) internal {
        Stored storage access = stored();
        if (!access.members[role].remove(account)) return;
        if (access.members[role].length() == 0) access.heldRoles.remove(role);
        emit IAccessControl.RoleRevoked(role, account, msg.sender);
    }
}
