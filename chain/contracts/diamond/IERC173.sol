// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Ownership of a contract, as ERC-173 has it
/// @notice The ERC-165 identifier of this interface is 0x7f5828d0.
interface IERC173 {
    /// @notice The owner changed.
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    /// @notice The owner; the zero address when there is none.
    function owner() external view returns (address owner_);

    /// @notice Hands ownership on.
    function transferOwnership(address _newOwner) external;
}
