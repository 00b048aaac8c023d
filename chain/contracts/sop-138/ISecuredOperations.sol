// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What secured operations offer, say and refuse
/// @notice Calls of contracts that a multisig has let in, made by role and within limits.
interface ISecuredOperations {
    /// @notice What may be done at present. Each is stricter than the one before it.
    enum Mode {
        Running,
        Paused,
        Emergency
    }

    /// @notice One function of one registered contract, who may call it from here, and how much.
    /// @param role Who may; any role but the admin's.
    /// @param maxValue The most ether that one call may carry, in wei.
    /// @param calls How many calls may be made at once. They come back evenly over `window`.
    /// @param window Seconds in which all of `calls` come back.
    /// @param validated Does each call need a validation of its very target, value and data?
    /// @param amountArgument Which argument `maxAmount` bounds, counted from 1; 0 for none. It must be a number that
    /// is passed as it is, as in `transfer(address,uint256)`, where it is the second.
    /// @param maxAmount The most that this argument may be.
    struct Limits {
        bytes32 role;
        uint128 maxValue;
        uint32 calls;
        uint32 window;
        bool validated;
        uint8 amountArgument;
        uint256 maxAmount;
    }

    /// @notice Who gets which role at construction, and what never changes.
    /// @param admin DEFAULT_ADMIN_ROLE, UNPAUSER_ROLE and RECOVERY_ROLE; a Safe or a timelock in production.
    /// @param authority AUTHORITY_ROLE; a multisig.
    /// @param registrar REGISTRAR_ROLE; the account that deploys.
    /// @param validator VALIDATOR_ROLE.
    /// @param pauser PAUSER_ROLE.
    /// @param guardian EMERGENCY_ROLE.
    /// @param recoveryAddress The one place that funds are ever recovered to.
    /// @param adminDelay Seconds between the two steps of handing the admin role on.
    /// @param exitDelay Seconds between the two steps of leaving an emergency.
    struct Setup {
        address admin;
        address authority;
        address registrar;
        address validator;
        address pauser;
        address guardian;
        address recoveryAddress;
        uint48 adminDelay;
        uint48 exitDelay;
    }

    /// @notice Ether came in.
    event Received(address indexed from, uint256 amount);
    /// @notice The multisig approved code, by the hash of what a contract has at its address.
    event CodeAuthorized(bytes32 indexed codeHash, address indexed by);
    /// @notice The multisig took an approval back: contracts with this code cannot be called any more.
    event CodeRevoked(bytes32 indexed codeHash, address indexed by);
    /// @notice A contract whose code is approved was let in.
    event DeploymentRegistered(address indexed deployment, bytes32 indexed codeHash, address indexed by);
    /// @notice A contract was put out.
    event DeploymentRemoved(address indexed deployment, address indexed by);
    /// @notice The multisig allowed a function, or changed its limits.
    event OperationAllowed(
        address indexed target,
        bytes4 indexed selector,
        address indexed by,
        Limits limits
    );
    /// @notice The multisig forbade a function.
    event OperationRemoved(address indexed target, bytes4 indexed selector, address indexed by);
    /// @notice An operator called a function; `call` is `callHash` of what was called.
    event Executed(
        address indexed target,
        bytes4 indexed selector,
        address indexed operator,
        uint256 value,
        bytes32 call
    );
    /// @notice A call was found good until `until`.
    event Validated(bytes32 indexed call, uint48 until, address indexed by);
    /// @notice A validation was taken back.
    event ValidationRevoked(bytes32 indexed call, address indexed by);
    /// @notice The cache was full, and its oldest entry gave way.
    event ValidationEvicted(bytes32 indexed call);
    /// @notice All validations of before are void.
    event ValidationsCleared(address indexed by);
    /// @notice An emergency began.
    event EmergencyEntered(address indexed by, string reason);
    /// @notice The admin wants to leave the emergency, and may from `readyAt` on.
    event EmergencyExitBegun(address indexed by, uint48 readyAt);
    /// @notice The wish to leave was taken back, or overruled.
    event EmergencyExitCancelled(address indexed by);
    /// @notice The emergency is over; the contract is paused.
    event EmergencyLeft(address indexed by);
    /// @notice Funds went to the recovery address; the zero address stands for ether, `amountOrId` is a token's number
    /// where `nft` is set.
    event Recovered(address indexed token, uint256 amountOrId, bool nft, address indexed by);

    /// @notice An address that must be given is zero.
    error ZeroAddress();
    /// @notice The recovery address would be this contract.
    error BadRecoveryAddress(address recoveryAddress);
    /// @notice `exitDelay` is too short or too long.
    error BadExitDelay(uint48 exitDelay, uint48 shortest, uint48 longest);
    /// @notice AUTHORITY_ROLE is for multisigs and timelocks, and this is a plain key.
    error NotAContract(address account);
    /// @notice This hash stands for no code.
    error NoCode(bytes32 codeHash);
    /// @notice The code is approved already.
    error CodeAlreadyAuthorized(bytes32 codeHash);
    /// @notice The multisig has not approved this code.
    error CodeNotAuthorized(address deployment, bytes32 codeHash);
    /// @notice The contract was let in already.
    error AlreadyRegistered(address deployment);
    /// @notice The contract is not registered.
    error NotRegistered(address deployment);
    /// @notice Limits that make no sense, or would make the admin an operator.
    error BadLimits(address target, bytes4 selector);
    /// @notice The multisig has not allowed this function.
    error NotAllowed(address target, bytes4 selector);
    /// @notice The data names no function, or lacks the argument that is bounded.
    error BadData(address target);
    /// @notice More ether than one call may carry.
    error AboveValue(uint256 value, uint256 maxValue);
    /// @notice The bounded argument is too large.
    error AboveAmount(uint256 amount, uint256 maxAmount);
    /// @notice All calls are used up for now.
    error TooManyCalls(address target, bytes4 selector);
    /// @notice The call needs a validation and has none that still counts.
    error NotValidated(bytes32 call);
    /// @notice A validation would end in the past, or too far ahead.
    error BadValidity(uint48 until, uint48 earliest, uint48 latest);
    /// @notice Nothing but recovery, and taking rights away, works in an emergency.
    error InEmergency();
    /// @notice There is no emergency.
    error NotInEmergency();
    /// @notice The admin has begun to leave already.
    error ExitAlreadyBegun(uint48 readyAt);
    /// @notice Nobody has begun to leave.
    error ExitNotBegun();
    /// @notice The delay is not over.
    error ExitTooEarly(uint48 readyAt);
    /// @notice Operations use this token, or ether: it can be recovered in an emergency only.
    error InUse(address token);

    /// @notice Approves code. Anyone's contract that has it may be registered from now on.
    /// @param codeHash keccak256 of the code at the address, constructor's values included (EXTCODEHASH).
    function authorizeCode(bytes32 codeHash) external;

    /// @notice Takes an approval back. Works at any time.
    /// @param codeHash The hash that was approved.
    function revokeCode(bytes32 codeHash) external;

    /// @notice Lets a contract in whose code is approved.
    /// @param deployment Its address.
    function registerDeployment(address deployment) external;

    /// @notice Puts a contract out. Works at any time. Its operations come back with it.
    /// @param deployment Its address.
    function removeDeployment(address deployment) external;

    /// @notice Allows a function of a registered contract, or changes its limits. Calls made so far count on.
    /// @param target The contract.
    /// @param selector The function.
    /// @param limits Who may call it, and how much.
    function allowOperation(address target, bytes4 selector, Limits calldata limits) external;

    /// @notice Forbids a function. Works at any time.
    /// @param target The contract.
    /// @param selector The function.
    function removeOperation(address target, bytes4 selector) external;

    /// @notice Makes a call, if its operation's limits let the caller.
    /// @param target The contract.
    /// @param value Ether of this contract that goes along, in wei.
    /// @param data The function and its arguments, as the ABI encodes them.
    /// @return result What the contract answered.
    function execute(
        address target,
        uint256 value,
        bytes calldata data
    ) external returns (bytes memory result);

    /// @notice Says that a call is good, for a while. It may be made as often as its limits allow until then.
    /// @param call `callHash` of the call.
    /// @param until The last second at which this counts; within MAX_VALIDITY.
    function validate(bytes32 call, uint48 until) external;

    /// @notice Takes a validation back. Works at any time; refused where there is none, or an emergency has voided it.
    /// @param call `callHash` of the call.
    function revokeValidation(bytes32 call) external;

    /// @notice Takes all validations back. Works at any time; an emergency does it by itself.
    function clearValidations() external;

    /// @notice Stops operations. Registering, allowing and validating go on, so that a mended contract can come in.
    function pause() external;

    /// @notice Lets operations go on.
    function unpause() external;

    /// @notice Stops everything but recovery and taking rights away, and voids all validations.
    /// @param reason For the record.
    function enterEmergency(string calldata reason) external;

    /// @notice The first step out of an emergency.
    function beginEmergencyExit() external;

    /// @notice Stays in the emergency: the admin thinks again, or the guardian overrules the admin.
    function cancelEmergencyExit() external;

    /// @notice The second step out of an emergency, when `exitDelay` has passed. The contract is paused then.
    function exitEmergency() external;

    /// @notice Sends ether to the recovery address. In an emergency only.
    /// @param amount How much, in wei.
    function recoverEther(uint256 amount) external;

    /// @notice Sends an ERC-20 token to the recovery address: in an emergency, or when it is not registered, so that no
    /// operation can use it.
    /// @param token The token.
    /// @param amount How much.
    function recoverToken(address token, uint256 amount) external;

    /// @notice Sends an ERC-721 token to the recovery address, under the same condition.
    /// @param token The token's contract.
    /// @param tokenId Its number.
    function recoverNft(address token, uint256 tokenId) external;

    /// @notice The one place that funds are recovered to. Fixed for the life of the contract.
    function recoveryAddress() external view returns (address);

    /// @notice Seconds between the two steps of leaving an emergency. Fixed for the life of the contract.
    function exitDelay() external view returns (uint48);

    /// @notice From when on the admin may leave the emergency; zero while that has not begun.
    function exitReadyAt() external view returns (uint48);

    /// @notice What may be done at present.
    function mode() external view returns (Mode);

    /// @notice All code that the multisig approves.
    function authorizedCode() external view returns (bytes32[] memory);

    /// @notice Every contract that was let in.
    function deployments() external view returns (address[] memory);

    /// @notice Can this contract be called from here: registered, and with code that is approved now?
    /// @param deployment Its address.
    function isCallable(address deployment) external view returns (bool);

    /// @notice Every function that is allowed.
    function operations() external view returns (address[] memory targets, bytes4[] memory selectors);

    /// @notice The limits of a function; `role` is zero where it is not allowed.
    /// @param target The contract.
    /// @param selector The function.
    function limitsOf(address target, bytes4 selector) external view returns (Limits memory);

    /// @notice How many calls of a function may be made at this moment.
    /// @param target The contract.
    /// @param selector The function.
    function callsLeft(address target, bytes4 selector) external view returns (uint256);

    /// @notice What a validation is about.
    /// @param target The contract.
    /// @param value Ether that goes along, in wei.
    /// @param data The function and its arguments.
    function callHash(address target, uint256 value, bytes calldata data) external view returns (bytes32);

    /// @notice The last second at which a validation counts; zero when there is none that counts now.
    /// @param call `callHash` of the call.
    function validUntil(bytes32 call) external view returns (uint48);
}
