// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC173} from "./IERC173.sol";

/// @title Ownership in two steps
/// @notice `transferOwnership` only offers it, and the new owner takes it: a mistyped address never owns a diamond.
/// Events and errors are those of OpenZeppelin's Ownable2Step.
interface IOwnership is IERC173 {
    /// @notice Ownership was offered; an offer to the zero address takes an earlier one back.
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);

    /// @notice This account is not the one who may do this.
    error OwnableUnauthorizedAccount(address account);
    /// @notice This account cannot be an owner.
    error OwnableInvalidOwner(address owner);

    /// @notice To whom ownership was offered; the zero address when to nobody.
    function pendingOwner() external view returns (address);

    /// @notice Takes ownership that was offered.
    function acceptOwnership() external;

    /// @notice Leaves the diamond without an owner, for good. What only the owner could do nobody can any more.
    function renounceOwnership() external;
}
