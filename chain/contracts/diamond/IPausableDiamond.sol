// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The pause of a diamond
/// @notice A pause stops every function but those that a pause is looked at, mended and ended with, and those that
/// were said to work while paused. Events and errors are those of OpenZeppelin's Pausable.
interface IPausableDiamond {
    /// @notice The diamond was paused.
    event Paused(address account);
    /// @notice The diamond runs again.
    event Unpaused(address account);
    /// @notice It was said of a function whether it works while the diamond is paused.
    event WhilePausedSet(bytes4 indexed selector, bool works);

    /// @notice The diamond does not run.
    error EnforcedPause();
    /// @notice The diamond is not paused.
    error ExpectedPause();
    /// @notice A pause never stops this function: without it nobody could see or end a pause.
    error AlwaysWorks(bytes4 selector);

    /// @notice Stops the diamond. For PAUSER_ROLE or the owner.
    function pause() external;

    /// @notice Lets the diamond run again. For DEFAULT_ADMIN_ROLE or the owner, so that a stolen key of a pauser
    /// cannot flicker.
    function unpause() external;

    /// @notice Says of functions whether they work while the diamond is paused. For CUTTER_ROLE or the owner.
    /// @param selectors Functions of the diamond; what was said is forgotten when they are removed.
    /// @param works Whether they work.
    function setWorksWhilePaused(bytes4[] calldata selectors, bool works) external;

    /// @notice Whether the diamond is paused.
    function paused() external view returns (bool);

    /// @notice Whether a function works while the diamond is paused.
    function worksWhilePaused(bytes4 selector) external view returns (bool);
}
