// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IEscrow} from "./IEscrow.sol";

/// @title Escrow
/// @notice Holds ether and ERC-20 tokens between two parties, with one arbiter for all deposits.
/// Held money has two ways out, its payee and its payer; no role can send it anywhere else, and there is no upgrade.
/// @dev Expiries are kept on the escrow's own clock, which is block time less all pauses so far: it stands still while
/// the escrow is paused, so a pause costs no party any time. Callers only ever see Unix time.
/// The guard is the transient one: OpenZeppelin's signature checker needs Cancun's MCOPY anyway, the storage guard is
/// deprecated, and a guarded call costs some 2,000 gas less.
contract Escrow is
    IEscrow,
    AccessControlDefaultAdminRules,
    Pausable,
    ReentrancyGuardTransient,
    EIP712,
    NoncesKeyed
{
    using SafeERC20 for IERC20;

    /// @notice May pause. Made for a fast key: a pause moves no money.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");
    /// @notice May start again after a pause. Apart from PAUSER_ROLE, so that a stolen pauser key cannot flicker.
    bytes32 public constant UNPAUSER_ROLE = keccak256("UNPAUSER_ROLE");
    /// @notice May send deposits back to their payers during a pause.
    bytes32 public constant EMERGENCY_ROLE = keccak256("EMERGENCY_ROLE");
    /// @notice May move out what belongs to no deposit.
    bytes32 public constant RECOVERY_ROLE = keccak256("RECOVERY_ROLE");

    /// @notice What stands for ether where a token is named.
    address public constant ETHER = address(0);
    /// @notice The longest time ahead that an expiry may lie. Also catches milliseconds given for seconds.
    uint48 public constant MAX_TERM = 366 days;
    /// @notice The shortest `emergencyDelay`: time to look into an alarm before payers take their money back.
    uint48 public constant MIN_EMERGENCY_DELAY = 1 hours;
    /// @notice The longest `emergencyDelay`: no pause, and no lost key, holds money for longer.
    uint48 public constant MAX_EMERGENCY_DELAY = 30 days;
    /// @notice Gas that a recipient of ether gets. A Safe needs about 7,000; who needs more uses `withdrawCredit`.
    uint256 public constant PUSH_GAS = 50_000;

    /// @notice What a signature over a release commits to.
    bytes32 public constant RELEASE_TYPEHASH =
        keccak256(
            "Release(uint256 id,address payer,address payee,address token,uint256 amount,uint256 nonce,uint256 deadline)"
        );
    /// @notice What a signature over a refund commits to.
    bytes32 public constant REFUND_TYPEHASH =
        keccak256(
            "Refund(uint256 id,address payer,address payee,address token,uint256 amount,uint256 nonce,uint256 deadline)"
        );

    /// @inheritdoc IEscrow
    address public immutable arbiter;
    /// @inheritdoc IEscrow
    uint48 public immutable emergencyDelay;

    /// @inheritdoc IEscrow
    uint256 public depositCount;
    /// @inheritdoc IEscrow
    uint48 public pausedAt;
    /// @dev Seconds of all pauses that have ended.
    uint48 private _pausedBefore;

    /// @inheritdoc IEscrow
    mapping(address token => uint256) public held;
    /// @inheritdoc IEscrow
    mapping(address account => uint256) public creditOf;
    /// @dev By id; `expiry` on the escrow's clock.
    mapping(uint256 id => Deposit) private _deposits;

    /// @notice The admin gets every role but PAUSER_ROLE, which goes to the pauser; all can be handed on later.
    /// The deployer gets nothing, so the contract may come from any factory.
    /// @param arbiter_ Decides when the parties do not; neither admin nor pauser.
    /// @param admin_ Grants and revokes roles; a Safe or a timelock in production.
    /// @param pauser_ May pause.
    /// @param adminDelay_ Seconds between the two steps of handing the admin role on.
    /// @param emergencyDelay_ Seconds of pause after which payers may withdraw alone.
    constructor(
        address arbiter_,
        address admin_,
        address pauser_,
        uint48 adminDelay_,
        uint48 emergencyDelay_
    ) AccessControlDefaultAdminRules(adminDelay_, admin_) EIP712("Escrow", "1") {
        if (arbiter_ == address(0) || pauser_ == address(0)) revert ZeroAddress();
        if (arbiter_ == admin_ || arbiter_ == pauser_ || arbiter_ == address(this)) revert BadArbiter(arbiter_);
        if (emergencyDelay_ < MIN_EMERGENCY_DELAY || emergencyDelay_ > MAX_EMERGENCY_DELAY) {
            revert BadEmergencyDelay(emergencyDelay_, MIN_EMERGENCY_DELAY, MAX_EMERGENCY_DELAY);
        }
        arbiter = arbiter_;
        emergencyDelay = emergencyDelay_;
        _grantRole(PAUSER_ROLE, pauser_);
        _grantRole(UNPAUSER_ROLE, admin_);
        _grantRole(EMERGENCY_ROLE, admin_);
        _grantRole(RECOVERY_ROLE, admin_);
        emit ArbiterAppointed(arbiter_);
    }

    // ---- money in ----

    /// @inheritdoc IEscrow
    function depositEther(
        address payee,
        uint48 expiry
    ) external payable nonReentrant whenNotPaused returns (uint256 id) {
        return _open(payee, expiry, ETHER, msg.value);
    }

    /// @inheritdoc IEscrow
    function depositToken(
        address token,
        uint256 amount,
        address payee,
        uint48 expiry
    ) external nonReentrant whenNotPaused returns (uint256 id) {
        if (token == ETHER) revert ZeroAddress();
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        return _open(payee, expiry, token, IERC20(token).balanceOf(address(this)) - before);
    }

    /// @inheritdoc IEscrow
    function extend(uint256 id, uint48 expiry) external nonReentrant whenNotPaused {
        Deposit storage deposit = _heldDeposit(id);
        if (msg.sender != deposit.payer) revert NotAllowed(id, msg.sender);
        uint48 earliest = deposit.expiry + _pausedBefore + 1;
        uint48 latest = uint48(block.timestamp) + MAX_TERM;
        if (expiry < earliest || expiry > latest) revert BadExpiry(expiry, earliest, latest);
        deposit.expiry = expiry - _pausedBefore;
        emit ExpiryExtended(id, expiry);
    }

    // ---- decisions ----

    /// @inheritdoc IEscrow
    function release(uint256 id, Authorization calldata decision) external nonReentrant whenNotPaused {
        Deposit storage deposit = _heldDeposit(id);
        _authorize(id, deposit, deposit.payer, decision, RELEASE_TYPEHASH);
        deposit.state = State.Released;
        emit Released(id, deposit.payee, decision.signer, deposit.token, deposit.amount);
        _payOut(id, deposit.token, deposit.payee, deposit.amount);
    }

    /// @inheritdoc IEscrow
    function refund(uint256 id, Authorization calldata decision) external nonReentrant whenNotPaused {
        Deposit storage deposit = _heldDeposit(id);
        _authorize(id, deposit, deposit.payee, decision, REFUND_TYPEHASH);
        deposit.state = State.Refunded;
        emit Refunded(id, deposit.payer, decision.signer, deposit.token, deposit.amount);
        _payOut(id, deposit.token, deposit.payer, deposit.amount);
    }

    /// @inheritdoc IEscrow
    function reclaim(uint256 id) external nonReentrant whenNotPaused {
        Deposit storage deposit = _heldDeposit(id);
        if (msg.sender != deposit.payer) revert NotAllowed(id, msg.sender);
        uint48 expiry = deposit.expiry + _pausedBefore;
        if (block.timestamp < expiry) revert NotExpired(id, expiry);
        deposit.state = State.Reclaimed;
        emit Reclaimed(id, deposit.payer, deposit.token, deposit.amount);
        _payOut(id, deposit.token, deposit.payer, deposit.amount);
    }

    /// @inheritdoc IEscrow
    function cancelSignatures(uint256 id) external nonReentrant {
        Deposit storage deposit = _heldDeposit(id);
        if (msg.sender != deposit.payer && msg.sender != deposit.payee && msg.sender != arbiter) {
            revert NotAllowed(id, msg.sender);
        }
        _useNonce(msg.sender, uint192(id));
        emit SignaturesCancelled(id, msg.sender, nonces(msg.sender, uint192(id)));
    }

    /// @inheritdoc IEscrow
    function withdrawCredit(address to) external nonReentrant {
        if (to == address(0)) revert ZeroAddress();
        uint256 amount = creditOf[msg.sender];
        if (amount == 0) revert ZeroAmount();
        creditOf[msg.sender] = 0;
        held[ETHER] -= amount;
        emit CreditWithdrawn(msg.sender, to, amount);
        _send(ETHER, to, amount);
    }

    // ---- emergencies and accidents ----

    /// @inheritdoc IEscrow
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
        pausedAt = uint48(block.timestamp);
    }

    /// @inheritdoc IEscrow
    function unpause() external onlyRole(UNPAUSER_ROLE) {
        _unpause();
        _pausedBefore += uint48(block.timestamp) - pausedAt;
        pausedAt = 0;
    }

    /// @inheritdoc IEscrow
    function emergencyWithdraw(uint256[] calldata ids) external nonReentrant whenPaused {
        bool operator = hasRole(EMERGENCY_ROLE, msg.sender);
        uint48 payersFrom = pausedAt + emergencyDelay;
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 id = ids[i];
            Deposit storage deposit = _heldDeposit(id);
            if (!operator) {
                if (msg.sender != deposit.payer) revert NotAllowed(id, msg.sender);
                if (block.timestamp < payersFrom) revert EmergencyTooEarly(id, payersFrom);
            }
            deposit.state = State.EmergencyWithdrawn;
            emit EmergencyWithdrawn(id, deposit.payer, msg.sender, deposit.token, deposit.amount);
            _payOut(id, deposit.token, deposit.payer, deposit.amount);
        }
    }

    /// @inheritdoc IEscrow
    function recoverSurplus(
        address token,
        address to,
        uint256 amount
    ) external nonReentrant onlyRole(RECOVERY_ROLE) {
        if (to == address(0)) revert ZeroAddress();
        if (amount == 0) revert ZeroAmount();
        uint256 free = _above(_balanceOf(token), held[token]);
        if (amount > free) revert MoreThanSurplus(token, amount, free);
        emit SurplusRecovered(token, to, msg.sender, amount);
        _send(token, to, amount);
    }

    // ---- views ----

    /// @inheritdoc IEscrow
    function depositOf(uint256 id) external view returns (Deposit memory deposit) {
        deposit = _deposits[id];
        if (deposit.state != State.None) deposit.expiry += pausedSeconds();
    }

    /// @inheritdoc IEscrow
    /// @dev Refuses to answer in the middle of a payment, when balance and books disagree.
    function surplus(address token) external view nonReentrantView returns (uint256) {
        return _above(_balanceOf(token), held[token]);
    }

    /// @inheritdoc IEscrow
    /// @dev Refuses to answer in the middle of a payment, when balance and books disagree.
    function shortfall(address token) external view nonReentrantView returns (uint256) {
        return _above(held[token], _balanceOf(token));
    }

    /// @inheritdoc IEscrow
    function pausedSeconds() public view returns (uint48) {
        return pausedAt == 0 ? _pausedBefore : _pausedBefore + uint48(block.timestamp) - pausedAt;
    }

    /// @inheritdoc IEscrow
    function releaseDigest(uint256 id, uint256 nonce, uint256 deadline) external view returns (bytes32) {
        return _digest(RELEASE_TYPEHASH, id, _deposits[id], nonce, deadline);
    }

    /// @inheritdoc IEscrow
    function refundDigest(uint256 id, uint256 nonce, uint256 deadline) external view returns (bytes32) {
        return _digest(REFUND_TYPEHASH, id, _deposits[id], nonce, deadline);
    }

    // ---- inside ----

    /// @dev Checks and writes a new deposit of the caller, whose money is here already.
    function _open(address payee, uint48 expiry, address token, uint256 amount) private returns (uint256 id) {
        if (amount == 0) revert ZeroAmount();
        if (payee == address(0)) revert ZeroAddress();
        if (
            payee == msg.sender ||
            payee == arbiter ||
            payee == address(this) ||
            payee == token ||
            msg.sender == arbiter
        ) revert BadParties(msg.sender, payee);
        uint48 earliest = uint48(block.timestamp) + 1;
        uint48 latest = uint48(block.timestamp) + MAX_TERM;
        if (expiry < earliest || expiry > latest) revert BadExpiry(expiry, earliest, latest);

        id = ++depositCount;
        _deposits[id] = Deposit({
            payer: msg.sender,
            expiry: expiry - _pausedBefore,
            state: State.Held,
            payee: payee,
            token: token,
            amount: amount
        });
        held[token] += amount;
        emit Deposited(id, msg.sender, payee, token, amount, expiry);
    }

    /// @dev The deposit, if it is undecided.
    function _heldDeposit(uint256 id) private view returns (Deposit storage deposit) {
        deposit = _deposits[id];
        if (deposit.state != State.Held) revert NotHeld(id, deposit.state);
    }

    /// @dev Accepts a decision of `party` or the arbiter and uses up its nonce. Nonces count by signer and deposit, so
    /// an arbiter's signatures about different deposits wait for nothing, and those about one deposit fall together.
    function _authorize(
        uint256 id,
        Deposit storage deposit,
        address party,
        Authorization calldata decision,
        bytes32 typeHash
    ) private {
        address signer = decision.signer;
        if (signer != party && signer != arbiter) revert NotAllowed(id, signer);
        if (block.timestamp > decision.deadline) revert SignatureExpired(decision.deadline);
        uint256 nonce = _useNonce(signer, uint192(id));
        if (decision.nonce != nonce) revert InvalidAccountNonce(signer, nonce);
        bytes32 digest = _digest(typeHash, id, deposit, nonce, decision.deadline);
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, digest, decision.signature)) {
            revert InvalidSignature(signer);
        }
    }

    /// @dev All that matters about a deposit is signed, not its number alone: after a reorganisation of the chain
    /// another deposit may carry that number.
    function _digest(
        bytes32 typeHash,
        uint256 id,
        Deposit storage deposit,
        uint256 nonce,
        uint256 deadline
    ) private view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        typeHash,
                        id,
                        deposit.payer,
                        deposit.payee,
                        deposit.token,
                        deposit.amount,
                        nonce,
                        deadline
                    )
                )
            );
    }

    /// @dev Pays a decided deposit. Ether that is not taken becomes a credit, so that no recipient can hold up a
    /// decision. A token that refuses undoes the decision instead: the other party or the arbiter may decide anew.
    function _payOut(uint256 id, address token, address to, uint256 amount) private {
        held[token] -= amount;
        if (token != ETHER) {
            _send(token, to, amount);
        } else if (!_push(to, amount)) {
            held[ETHER] += amount;
            creditOf[to] += amount;
            emit Credited(id, to, amount);
        }
    }

    /// @dev Offers ether with a limited amount of gas, and copies no returned data: the recipient cannot burn more.
    /// Who delivers a decision cannot starve the recipient into a credit either: if less than PUSH_GAS is left to give,
    /// EIP-150 keeps 1/63 of it here, under 800 gas, which is too little to write a credit, and all is undone.
    function _push(address to, uint256 amount) private returns (bool taken) {
        uint256 gasForRecipient = PUSH_GAS;
        assembly ("memory-safe") {
            taken := call(gasForRecipient, to, amount, 0x00, 0x00, 0x00, 0x00)
        }
    }

    /// @dev Sends or reverts, and never lets a token take more from the escrow than it was asked to move: the rest
    /// would be another depositor's.
    function _send(address token, address to, uint256 amount) private {
        if (token == ETHER) {
            Address.sendValue(payable(to), amount);
            return;
        }
        uint256 before = _balanceOf(token);
        IERC20(token).safeTransfer(to, amount);
        uint256 taken = _above(before, _balanceOf(token));
        if (taken > amount) revert TokenTookTooMuch(token, amount, taken);
    }

    /// @dev What the escrow has of a token.
    function _balanceOf(address token) private view returns (uint256) {
        return token == ETHER ? address(this).balance : IERC20(token).balanceOf(address(this));
    }

    /// @dev How far `a` lies above `b`, or zero.
    function _above(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : 0;
    }
}
