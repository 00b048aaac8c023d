// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Where fees are kept
/// @notice Takes ether and ERC-20 tokens from anyone, and gives them out up to a cap a day.
interface ITreasury {
    /// @notice Ether came in. Of tokens it is the token that says so.
    event Received(address indexed from, uint256 amount);
    /// @notice Money went out.
    event Withdrawn(address indexed asset, address indexed to, address indexed by, uint256 amount);
    /// @notice The cap of an asset changed.
    event CapSet(address indexed asset, uint256 cap);

    /// @notice The zero address is no recipient.
    error ZeroAddress();
    /// @notice Nothing was asked for.
    error ZeroAmount();
    /// @notice More was asked for than the cap allows now.
    error AboveCap(address asset, uint256 asked, uint256 available);

    /// @notice Pays money out. For WITHDRAWER_ROLE.
    /// @param asset The token; the zero address is ether.
    /// @param to Where to.
    /// @param amount How much.
    function withdraw(address asset, address payable to, uint256 amount) external;

    /// @notice Sets how much of an asset may go out in any 24 hours. What went out before counts. For CAPS_ROLE.
    /// @param asset The token; the zero address is ether.
    /// @param cap The cap. Zero, as it is at first: nothing.
    function setCap(address asset, uint208 cap) external;

    /// @notice The ether that is here.
    function getBalance() external view returns (uint256);

    /// @notice How much of an asset is here.
    /// @param asset The token; the zero address is ether.
    function balanceOf(address asset) external view returns (uint256);

    /// @notice How much of an asset may go out in any 24 hours.
    /// @param asset The token; the zero address is ether.
    function capOf(address asset) external view returns (uint256);

    /// @notice How much of an asset may go out now, whether it is here or not.
    /// @param asset The token; the zero address is ether.
    function available(address asset) external view returns (uint256);
}
