// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ListedRoles} from "../access/ListedRoles.sol";
import {ITreasury} from "./ITreasury.sol";

/// @title Treasury
/// @notice Who withdraws and who sets the caps are two roles: a stolen key of the one takes a day's cap, and a stolen
/// key of the other takes nothing.
contract Treasury is ITreasury, ListedRoles, ReentrancyGuardTransient {
    using RateLimiter for RateLimiter.SlidingWindow;
    using SafeERC20 for IERC20;

    /// @notice Pays money out.
    bytes32 public constant WITHDRAWER_ROLE = keccak256("WITHDRAWER_ROLE");
    /// @notice Sets the caps.
    bytes32 public constant CAPS_ROLE = keccak256("CAPS_ROLE");
    /// @notice What stands for ether where an asset is named.
    address public constant ETHER = address(0);
    /// @notice What a cap is about: any 24 hours, not a calendar's day.
    uint48 public constant CAP_WINDOW = 24 hours;

    /// @dev One limiter for each asset, of which only the entry with key zero is used.
    mapping(address asset => RateLimiter.SlidingWindow) private _limits;

    /// @notice The deployer gets nothing, so the contract may come from any factory.
    /// @param admin Grants and revokes roles, and sets the caps until it hands that on.
    /// @param adminDelay Seconds between the two steps of handing the admin role on.
    /// @param withdrawer May withdraw.
    /// @param etherCap The first cap of ether.
    constructor(
        address admin,
        uint48 adminDelay,
        address withdrawer,
        uint208 etherCap
    ) AccessControlDefaultAdminRules(adminDelay, admin) {
        if (withdrawer == address(0)) revert ZeroAddress();
        _grantRole(CAPS_ROLE, admin);
        _grantRole(WITHDRAWER_ROLE, withdrawer);
        _setCap(ETHER, etherCap);
    }

    receive() external payable {
        emit Received(msg.sender, msg.value);
    }

    /// @inheritdoc ITreasury
    function withdraw(
        address asset,
        address payable to,
        uint256 amount
    ) external nonReentrant onlyRole(WITHDRAWER_ROLE) {
        if (to == address(0)) revert ZeroAddress();
        if (amount == 0) revert ZeroAmount();
        if (!_limits[asset].tryConsume(0, amount)) revert AboveCap(asset, amount, available(asset));
        emit Withdrawn(asset, to, msg.sender, amount);
        if (asset == ETHER) Address.sendValue(to, amount);
        else IERC20(asset).safeTransfer(to, amount);
    }

    /// @inheritdoc ITreasury
    function setCap(address asset, uint208 cap) external onlyRole(CAPS_ROLE) {
        _setCap(asset, cap);
    }

    /// @inheritdoc ITreasury
    function getBalance() external view returns (uint256) {
        return balanceOf(ETHER);
    }

    /// @inheritdoc ITreasury
    function balanceOf(address asset) public view returns (uint256) {
        return asset == ETHER ? address(this).balance : IERC20(asset).balanceOf(address(this));
    }

    /// @inheritdoc ITreasury
    function capOf(address asset) external view returns (uint256) {
        return _limits[asset]._limit;
    }

    /// @inheritdoc ITreasury
    function available(address asset) public view returns (uint256) {
        return _limits[asset].available(0);
    }

    function _setCap(address asset, uint208 cap) private {
        _limits[asset].updateSettings(CAP_WINDOW, cap);
        emit CapSet(asset, cap);
    }
}
