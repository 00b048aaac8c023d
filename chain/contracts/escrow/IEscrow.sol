// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What an escrow offers, says and refuses
/// @notice Money of a payer is held for a payee until one of them, or the arbiter, decides where it goes.
interface IEscrow {
    /// @notice Where a deposit stands. Everything after `Held` is final.
    enum State {
        None,
        Held,
        Released,
        Refunded,
        Reclaimed,
        EmergencyWithdrawn
    }

    /// @notice One deposit. Only `state` ever changes, and `expiry` when the payer extends it or a pause delays it.
    /// @param payer Who paid it in, and the only one who can get it back.
    /// @param expiry From this time on (Unix seconds) the payer may reclaim it alone.
    /// @param state Where it stands.
    /// @param payee The only one it can be released to.
    /// @param token The ERC-20 token; the zero address is ether.
    /// @param amount What the escrow received and holds.
    struct Deposit {
        address payer;
        uint48 expiry;
        State state;
        address payee;
        address token;
        uint256 amount;
    }

    /// @notice A signed decision, which anyone may deliver.
    /// @param signer Who signed: a party with a say in this decision, or the arbiter.
    /// @param nonce `nonces(signer, uint192(id))` at the time of signing.
    /// @param deadline The last second (Unix) at which the signature counts.
    /// @param signature ECDSA of an account, or whatever a contract accepts by EIP-1271.
    struct Authorization {
        address signer;
        uint256 nonce;
        uint256 deadline;
        bytes signature;
    }

    /// @notice The arbiter of every deposit, once, at construction.
    event ArbiterAppointed(address indexed arbiter);
    /// @notice Money came in; `amount` is what was received.
    event Deposited(
        uint256 indexed id,
        address indexed payer,
        address indexed payee,
        address token,
        uint256 amount,
        uint48 expiry
    );
    /// @notice The payer gave the payee more time.
    event ExpiryExtended(uint256 indexed id, uint48 expiry);
    /// @notice A deposit went to its payee.
    event Released(
        uint256 indexed id,
        address indexed payee,
        address indexed signer,
        address token,
        uint256 amount
    );
    /// @notice A deposit went back to its payer.
    event Refunded(
        uint256 indexed id,
        address indexed payer,
        address indexed signer,
        address token,
        uint256 amount
    );
    /// @notice The payer took back a deposit that had expired.
    event Reclaimed(uint256 indexed id, address indexed payer, address token, uint256 amount);
    /// @notice A deposit went back to its payer while the escrow was paused; `by` asked for it.
    event EmergencyWithdrawn(
        uint256 indexed id,
        address indexed payer,
        address indexed by,
        address token,
        uint256 amount
    );
    /// @notice An account did not take its ether; it is kept for it until it calls `withdrawCredit`.
    event Credited(uint256 indexed id, address indexed account, uint256 amount);
    /// @notice An account fetched its credit.
    event CreditWithdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice Everything that `signer` had signed about deposit `id` is void; `nonce` is the next that counts.
    event SignaturesCancelled(uint256 indexed id, address indexed signer, uint256 nonce);
    /// @notice Money that belongs to no deposit was moved out.
    event SurplusRecovered(address indexed token, address indexed to, address indexed by, uint256 amount);

    /// @notice The zero address is no party, token or recipient.
    error ZeroAddress();
    /// @notice Nothing was paid in, or nothing is there to pay out.
    error ZeroAmount();
    /// @notice The arbiter must be an account of its own: not the admin, not the pauser, not this contract.
    error BadArbiter(address arbiter);
    /// @notice The emergency delay lies outside its bounds.
    error BadEmergencyDelay(uint48 delay, uint48 minimum, uint48 maximum);
    /// @notice The payee must differ from the payer, the arbiter, the token and this contract; the payer from the arbiter.
    error BadParties(address payer, address payee);
    /// @notice The expiry must lie between `earliest` and `latest`.
    error BadExpiry(uint48 expiry, uint48 earliest, uint48 latest);
    /// @notice The deposit does not exist or was decided already.
    error NotHeld(uint256 id, State state);
    /// @notice This account has no say in this step of this deposit.
    error NotAllowed(uint256 id, address account);
    /// @notice The payer may reclaim from `expiry` on.
    error NotExpired(uint256 id, uint48 expiry);
    /// @notice The signature counted until `deadline`.
    error SignatureExpired(uint256 deadline);
    /// @notice The signature is not the signer's, or was made for something else.
    error InvalidSignature(address signer);
    /// @notice The payer may withdraw alone from `from` on, if the escrow is still paused by then.
    error EmergencyTooEarly(uint256 id, uint48 from);
    /// @notice A payout cost the escrow more of the token than the deposit holds; the token is not supported.
    error TokenTookTooMuch(address token, uint256 expected, uint256 taken);
    /// @notice More was asked for than what belongs to no deposit.
    error MoreThanSurplus(address token, uint256 asked, uint256 surplus);

    /// @notice Pays ether in.
    /// @param payee Who may receive it.
    /// @param expiry From when on the payer may reclaim it; after now and within MAX_TERM.
    /// @return id The number of the deposit, counted from 1.
    function depositEther(address payee, uint48 expiry) external payable returns (uint256 id);

    /// @notice Pays an ERC-20 token in, which the payer has approved. What arrives is what counts.
    /// @param token The token.
    /// @param amount How much to take from the payer.
    /// @param payee Who may receive it.
    /// @param expiry From when on the payer may reclaim it; after now and within MAX_TERM.
    /// @return id The number of the deposit, counted from 1.
    function depositToken(
        address token,
        uint256 amount,
        address payee,
        uint48 expiry
    ) external returns (uint256 id);

    /// @notice The payer gives more time. Time is never taken away.
    /// @param id The deposit.
    /// @param expiry The later expiry, within MAX_TERM from now.
    function extend(uint256 id, uint48 expiry) external;

    /// @notice Pays a deposit to its payee, as the payer or the arbiter signed.
    /// @param id The deposit.
    /// @param decision The signature over `Release` and what goes with it.
    function release(uint256 id, Authorization calldata decision) external;

    /// @notice Pays a deposit back to its payer, as the payee or the arbiter signed.
    /// @param id The deposit.
    /// @param decision The signature over `Refund` and what goes with it.
    function refund(uint256 id, Authorization calldata decision) external;

    /// @notice The payer takes back a deposit that has expired undecided.
    /// @param id The deposit.
    function reclaim(uint256 id) external;

    /// @notice Voids all that the caller has signed about a deposit. Works while paused.
    /// @param id The deposit.
    function cancelSignatures(uint256 id) external;

    /// @notice Fetches ether that the caller's address did not take when it was sent. Works while paused.
    /// @param to Where to send it.
    function withdrawCredit(address to) external;

    /// @notice Stops deposits, decisions and reclaims, and with them the clock of every expiry.
    function pause() external;

    /// @notice Starts again where it stopped.
    function unpause() external;

    /// @notice Sends deposits back to their payers while the escrow is paused: at once for EMERGENCY_ROLE, and for a
    /// payer on its own when the pause has lasted `emergencyDelay`.
    /// @param ids The deposits; all or none.
    function emergencyWithdraw(uint256[] calldata ids) external;

    /// @notice Moves out what was sent here by accident and belongs to no deposit. Held money cannot be touched.
    /// @param token The token; the zero address is ether.
    /// @param to Where to send it.
    /// @param amount How much.
    function recoverSurplus(address token, address to, uint256 amount) external;

    /// @notice Who decides when the parties do not. Fixed for the life of the contract.
    function arbiter() external view returns (address);

    /// @notice Seconds of pause after which a payer may withdraw alone. Fixed for the life of the contract.
    function emergencyDelay() external view returns (uint48);

    /// @notice How many deposits were made; the last one has this number.
    function depositCount() external view returns (uint256);

    /// @notice A deposit as it stands now.
    /// @param id The deposit.
    function depositOf(uint256 id) external view returns (Deposit memory);

    /// @notice What belongs to depositors and creditors.
    /// @param token The token; the zero address is ether.
    function held(address token) external view returns (uint256);

    /// @notice Ether that is kept for an account which did not take it.
    /// @param account The account.
    function creditOf(address account) external view returns (uint256);

    /// @notice What the escrow has and owes nobody.
    /// @param token The token; the zero address is ether.
    function surplus(address token) external view returns (uint256);

    /// @notice What the escrow owes and does not have. Anything but zero is an alarm.
    /// @param token The token; the zero address is ether.
    function shortfall(address token) external view returns (uint256);

    /// @notice When the present pause began; zero while the escrow runs.
    function pausedAt() external view returns (uint48);

    /// @notice How long the escrow has been paused in its life, the present pause included.
    function pausedSeconds() external view returns (uint48);

    /// @notice What a signer signs to release a deposit: the EIP-712 digest.
    /// @param id The deposit.
    /// @param nonce The signer's nonce for this deposit.
    /// @param deadline The last second at which the signature counts.
    function releaseDigest(uint256 id, uint256 nonce, uint256 deadline) external view returns (bytes32);

    /// @notice What a signer signs to refund a deposit: the EIP-712 digest.
    /// @param id The deposit.
    /// @param nonce The signer's nonce for this deposit.
    /// @param deadline The last second at which the signature counts.
    function refundDigest(uint256 id, uint256 nonce, uint256 deadline) external view returns (bytes32);
}
