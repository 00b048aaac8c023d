// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {ListedRoles} from "../access/ListedRoles.sol";
import {ISecuredOperations} from "./ISecuredOperations.sol";
import {ValidationCache} from "./ValidationCache.sol";

/// @title Secured operations
/// @notice Keeps funds and calls contracts with them: only contracts whose code a multisig has approved, only functions
/// that it has allowed, only by the role it named, and only within its limits. Giving is stopped by an emergency;
/// taking away never is. There is no upgrade.
contract SecuredOperations is ISecuredOperations, ListedRoles, Pausable, ReentrancyGuardTransient {
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.Bytes32Set;
    using RateLimiter for RateLimiter.RefillingBucket;
    using SafeERC20 for IERC20;
    using ValidationCache for ValidationCache.Cache;

    /// @notice Approves code and sets limits. A multisig or a timelock, never a plain key.
    bytes32 public constant AUTHORITY_ROLE = keccak256("AUTHORITY_ROLE");
    /// @notice May register contracts whose code is approved.
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");
    /// @notice May say that a call is good.
    bytes32 public constant VALIDATOR_ROLE = keccak256("VALIDATOR_ROLE");
    /// @notice May pause. Made for a fast key.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");
    /// @notice May let operations go on. Apart from PAUSER_ROLE, so that a stolen pauser key cannot flicker.
    bytes32 public constant UNPAUSER_ROLE = keccak256("UNPAUSER_ROLE");
    /// @notice May begin an emergency and overrule its end. Made for a fast key, on call.
    bytes32 public constant EMERGENCY_ROLE = keccak256("EMERGENCY_ROLE");
    /// @notice May send funds to the recovery address.
    bytes32 public constant RECOVERY_ROLE = keccak256("RECOVERY_ROLE");

    /// @notice The longest time for which a validation counts.
    uint48 public constant MAX_VALIDITY = 1 days;
    /// @notice The shortest `exitDelay`: time for the guardian to object.
    uint48 public constant MIN_EXIT_DELAY = 1 hours;
    /// @notice The longest `exitDelay`. Also catches milliseconds given for seconds.
    uint48 public constant MAX_EXIT_DELAY = 30 days;
    /// @notice How many validations are remembered.
    uint256 public constant CACHED_VALIDATIONS = ValidationCache.CAPACITY;

    /// @dev What a plain key has for code once it has delegated (EIP-7702). The smallest proxies have 44 bytes.
    uint256 private constant DELEGATION_LENGTH = 23;
    /// @dev EXTCODEHASH of an account without code.
    bytes32 private constant EMPTY_CODE = keccak256("");

    /// @inheritdoc ISecuredOperations
    address public immutable recoveryAddress;
    /// @inheritdoc ISecuredOperations
    uint48 public immutable exitDelay;

    /// @inheritdoc ISecuredOperations
    uint48 public exitReadyAt;
    bool private _emergency;

    EnumerableSet.Bytes32Set private _authorizedCode;
    EnumerableSet.AddressSet private _deployments;
    /// @dev Target and selector of each operation, in one word.
    EnumerableSet.Bytes32Set private _operations;
    mapping(bytes32 operation => Limits) private _limits;
    /// @dev Counts seconds in place of calls, `window` of them for each call: whole numbers then lose no fraction of a
    /// call, which at a few calls a day would be hours.
    mapping(bytes32 operation => RateLimiter.RefillingBucket) private _buckets;
    ValidationCache.Cache private _validations;

    modifier whenNotEmergency() {
        if (_emergency) revert InEmergency();
        _;
    }

    modifier whenEmergency() {
        if (!_emergency) revert NotInEmergency();
        _;
    }

    /// @notice The deployer gets nothing, so the contract may come from any factory.
    /// @param setup Who gets which role, and what never changes.
    constructor(Setup memory setup) AccessControlDefaultAdminRules(setup.adminDelay, setup.admin) {
        if (setup.recoveryAddress == address(0)) revert ZeroAddress();
        if (setup.recoveryAddress == address(this)) revert BadRecoveryAddress(address(this));
        if (setup.exitDelay < MIN_EXIT_DELAY || setup.exitDelay > MAX_EXIT_DELAY) {
            revert BadExitDelay(setup.exitDelay, MIN_EXIT_DELAY, MAX_EXIT_DELAY);
        }
        recoveryAddress = setup.recoveryAddress;
        exitDelay = setup.exitDelay;
        _grantRole(AUTHORITY_ROLE, setup.authority);
        _grantRole(REGISTRAR_ROLE, setup.registrar);
        _grantRole(VALIDATOR_ROLE, setup.validator);
        _grantRole(PAUSER_ROLE, setup.pauser);
        _grantRole(EMERGENCY_ROLE, setup.guardian);
        _grantRole(UNPAUSER_ROLE, setup.admin);
        _grantRole(RECOVERY_ROLE, setup.admin);
    }

    /// @notice Takes ether in for operations, but for an emergency.
    receive() external payable whenNotEmergency {
        emit Received(msg.sender, msg.value);
    }

    // ---- what the multisig lets in ----

    /// @inheritdoc ISecuredOperations
    function authorizeCode(bytes32 codeHash) external onlyRole(AUTHORITY_ROLE) whenNotEmergency {
        if (codeHash == 0 || codeHash == EMPTY_CODE) revert NoCode(codeHash);
        if (!_authorizedCode.add(codeHash)) revert CodeAlreadyAuthorized(codeHash);
        emit CodeAuthorized(codeHash, msg.sender);
    }

    /// @inheritdoc ISecuredOperations
    function revokeCode(bytes32 codeHash) external onlyRole(AUTHORITY_ROLE) {
        if (!_authorizedCode.remove(codeHash)) revert NoCode(codeHash);
        emit CodeRevoked(codeHash, msg.sender);
    }

    /// @inheritdoc ISecuredOperations
    function registerDeployment(address deployment) external onlyRole(REGISTRAR_ROLE) whenNotEmergency {
        _checkCode(deployment);
        if (!_deployments.add(deployment)) revert AlreadyRegistered(deployment);
        emit DeploymentRegistered(deployment, deployment.codehash, msg.sender);
    }

    /// @inheritdoc ISecuredOperations
    function removeDeployment(address deployment) external onlyRole(AUTHORITY_ROLE) {
        if (!_deployments.remove(deployment)) revert NotRegistered(deployment);
        emit DeploymentRemoved(deployment, msg.sender);
    }

    /// @inheritdoc ISecuredOperations
    function allowOperation(
        address target,
        bytes4 selector,
        Limits calldata limits
    ) external onlyRole(AUTHORITY_ROLE) whenNotEmergency {
        _checkDeployment(target);
        bool bounded = limits.amountArgument != 0;
        if (
            limits.role == DEFAULT_ADMIN_ROLE ||
            limits.calls == 0 ||
            limits.window == 0 ||
            bounded != (limits.maxAmount != 0)
        ) revert BadLimits(target, selector);
        bytes32 operation = _operation(target, selector);
        _operations.add(operation);
        _limits[operation] = limits;
        _buckets[operation].updateSettings(limits.window, uint208(limits.calls) * limits.window);
        _buckets[operation].reset(0);
        emit OperationAllowed(target, selector, msg.sender, limits);
    }

    /// @inheritdoc ISecuredOperations
    function removeOperation(address target, bytes4 selector) external onlyRole(AUTHORITY_ROLE) {
        bytes32 operation = _operation(target, selector);
        if (!_operations.remove(operation)) revert NotAllowed(target, selector);
        delete _limits[operation];
        emit OperationRemoved(target, selector, msg.sender);
    }

    // ---- operations ----

    /// @inheritdoc ISecuredOperations
    function execute(
        address target,
        uint256 value,
        bytes calldata data
    ) external nonReentrant whenNotPaused returns (bytes memory result) {
        if (data.length < 4) revert BadData(target);
        bytes4 selector = bytes4(data);
        bytes32 operation = _operation(target, selector);
        Limits storage limits = _limits[operation];
        bytes32 role = limits.role;
        if (role == DEFAULT_ADMIN_ROLE) revert NotAllowed(target, selector);
        _checkRole(role);
        _checkDeployment(target);
        if (value > limits.maxValue) revert AboveValue(value, limits.maxValue);
        _checkAmount(limits, target, data);
        bytes32 call = callHash(target, value, data);
        if (limits.validated && validUntil(call) == 0) revert NotValidated(call);
        if (!_buckets[operation].tryConsume(0, limits.window)) revert TooManyCalls(target, selector);
        emit Executed(target, selector, msg.sender, value, call);
        return Address.functionCallWithValue(target, data, value);
    }

    /// @inheritdoc ISecuredOperations
    function validate(bytes32 call, uint48 until) external onlyRole(VALIDATOR_ROLE) whenNotEmergency {
        uint48 earliest = uint48(block.timestamp) + 1;
        uint48 latest = uint48(block.timestamp) + MAX_VALIDITY;
        if (until < earliest || until > latest) revert BadValidity(until, earliest, latest);
        bytes32 evicted = _validations.put(call, until);
        if (evicted != 0) emit ValidationEvicted(evicted);
        emit Validated(call, until, msg.sender);
    }

    /// @inheritdoc ISecuredOperations
    function revokeValidation(bytes32 call) external onlyRole(VALIDATOR_ROLE) {
        if (!_validations.remove(call)) revert NotValidated(call);
        emit ValidationRevoked(call, msg.sender);
    }

    /// @inheritdoc ISecuredOperations
    function clearValidations() external onlyRole(VALIDATOR_ROLE) {
        _clearValidations();
    }

    // ---- pause and emergency ----

    /// @inheritdoc ISecuredOperations
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    /// @inheritdoc ISecuredOperations
    function unpause() external onlyRole(UNPAUSER_ROLE) whenNotEmergency {
        _unpause();
    }

    /// @inheritdoc ISecuredOperations
    function enterEmergency(string calldata reason) external onlyRole(EMERGENCY_ROLE) whenNotEmergency {
        _emergency = true;
        if (!paused()) _pause();
        _clearValidations();
        emit EmergencyEntered(msg.sender, reason);
    }

    /// @inheritdoc ISecuredOperations
    function beginEmergencyExit() external onlyRole(DEFAULT_ADMIN_ROLE) whenEmergency {
        if (exitReadyAt != 0) revert ExitAlreadyBegun(exitReadyAt);
        exitReadyAt = uint48(block.timestamp) + exitDelay;
        emit EmergencyExitBegun(msg.sender, exitReadyAt);
    }

    /// @inheritdoc ISecuredOperations
    function cancelEmergencyExit() external {
        if (!hasRole(EMERGENCY_ROLE, msg.sender)) _checkRole(DEFAULT_ADMIN_ROLE);
        if (exitReadyAt == 0) revert ExitNotBegun();
        exitReadyAt = 0;
        emit EmergencyExitCancelled(msg.sender);
    }

    /// @inheritdoc ISecuredOperations
    function exitEmergency() external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (exitReadyAt == 0) revert ExitNotBegun();
        if (block.timestamp < exitReadyAt) revert ExitTooEarly(exitReadyAt);
        _emergency = false;
        exitReadyAt = 0;
        emit EmergencyLeft(msg.sender);
    }

    // ---- recovery ----

    /// @inheritdoc ISecuredOperations
    function recoverEther(uint256 amount) external nonReentrant onlyRole(RECOVERY_ROLE) whenEmergency {
        emit Recovered(address(0), amount, false, msg.sender);
        Address.sendValue(payable(recoveryAddress), amount);
    }

    /// @inheritdoc ISecuredOperations
    function recoverToken(address token, uint256 amount) external nonReentrant onlyRole(RECOVERY_ROLE) {
        _checkRecoverable(token);
        emit Recovered(token, amount, false, msg.sender);
        IERC20(token).safeTransfer(recoveryAddress, amount);
    }

    /// @inheritdoc ISecuredOperations
    /// @dev Not by safeTransferFrom: a recovery address that knows nothing of tokens must not be in the way.
    function recoverNft(address token, uint256 tokenId) external nonReentrant onlyRole(RECOVERY_ROLE) {
        _checkRecoverable(token);
        emit Recovered(token, tokenId, true, msg.sender);
        IERC721(token).transferFrom(address(this), recoveryAddress, tokenId);
    }

    // ---- views ----

    /// @inheritdoc ISecuredOperations
    function mode() external view returns (Mode) {
        if (_emergency) return Mode.Emergency;
        return paused() ? Mode.Paused : Mode.Running;
    }

    /// @inheritdoc ISecuredOperations
    function authorizedCode() external view returns (bytes32[] memory) {
        return _authorizedCode.values();
    }

    /// @inheritdoc ISecuredOperations
    function deployments() external view returns (address[] memory) {
        return _deployments.values();
    }

    /// @inheritdoc ISecuredOperations
    function isCallable(address deployment) external view returns (bool) {
        return _deployments.contains(deployment) && _authorizedCode.contains(deployment.codehash);
    }

    /// @inheritdoc ISecuredOperations
    function operations() external view returns (address[] memory targets, bytes4[] memory selectors) {
        uint256 count = _operations.length();
        targets = new address[](count);
        selectors = new bytes4[](count);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 operation = _operations.at(i);
            targets[i] = address(bytes20(operation));
            selectors[i] = bytes4(operation << 160);
        }
    }

    /// @inheritdoc ISecuredOperations
    function limitsOf(address target, bytes4 selector) external view returns (Limits memory) {
        return _limits[_operation(target, selector)];
    }

    /// @inheritdoc ISecuredOperations
    function callsLeft(address target, bytes4 selector) external view returns (uint256) {
        bytes32 operation = _operation(target, selector);
        uint256 window = _limits[operation].window;
        return window == 0 ? 0 : _buckets[operation].available(0) / window;
    }

    /// @inheritdoc ISecuredOperations
    function callHash(address target, uint256 value, bytes calldata data) public pure returns (bytes32) {
        return keccak256(abi.encode(target, value, data));
    }

    /// @inheritdoc ISecuredOperations
    function validUntil(bytes32 call) public view returns (uint48) {
        return _validations.validUntil(call);
    }

    // ---- inside ----

    /// @dev Sees to it that no plain key gets the multisig's role, at construction or later.
    function _grantRole(bytes32 role, address account) internal override returns (bool) {
        if (account == address(0)) revert ZeroAddress();
        if (role == AUTHORITY_ROLE && account.code.length <= DELEGATION_LENGTH) revert NotAContract(account);
        return super._grantRole(role, account);
    }

    function _operation(address target, bytes4 selector) private pure returns (bytes32) {
        return bytes32(bytes20(target)) | (bytes32(selector) >> 160);
    }

    function _checkCode(address deployment) private view {
        bytes32 codeHash = deployment.codehash;
        if (!_authorizedCode.contains(codeHash)) revert CodeNotAuthorized(deployment, codeHash);
    }

    function _checkDeployment(address deployment) private view {
        if (!_deployments.contains(deployment)) revert NotRegistered(deployment);
        _checkCode(deployment);
    }

    function _checkAmount(Limits storage limits, address target, bytes calldata data) private view {
        uint256 argument = limits.amountArgument;
        if (argument == 0) return;
        uint256 end = 4 + 32 * argument;
        if (data.length < end) revert BadData(target);
        uint256 amount = uint256(bytes32(data[end - 32:end]));
        if (amount > limits.maxAmount) revert AboveAmount(amount, limits.maxAmount);
    }

    /// @dev Only contracts that are registered can be operated on, so a token that is not got here by accident.
    function _checkRecoverable(address token) private view {
        if (!_emergency && _deployments.contains(token)) revert InUse(token);
    }

    function _clearValidations() private {
        _validations.clear();
        emit ValidationsCleared(msg.sender);
    }
}
