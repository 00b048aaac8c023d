// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a property token offers beyond ERC-721, says and refuses
/// @notice The shares of one property, each a token that only people with a valid identity check hold.
interface IPropertyToken {
    /// @notice Who gets which role at construction, and what never changes.
    /// @param name The property's name.
    /// @param symbol The token's short name.
    /// @param shares How many tokens there will be at most.
    /// @param admin DEFAULT_ADMIN_ROLE and UNPAUSER_ROLE; a Safe or a timelock in production.
    /// @param minter MINTER_ROLE.
    /// @param identity IDENTITY_ROLE.
    /// @param pauser PAUSER_ROLE.
    /// @param recoverer RECOVERY_ROLE.
    /// @param royaltyReceiver Who is named as receiver of royalties.
    /// @param royalty Hundredths of a percent of each sale.
    /// @param adminDelay Seconds between the two steps of handing the admin role on.
    /// @param recoveryDelay Seconds in which a holder can object to a recovery.
    struct Setup {
        string name;
        string symbol;
        uint64 shares;
        address admin;
        address minter;
        address identity;
        address pauser;
        address recoverer;
        address royaltyReceiver;
        uint96 royalty;
        uint48 adminDelay;
        uint48 recoveryDelay;
    }

    /// @notice A recovery that has begun.
    /// @param to The address that gets the token.
    /// @param readyAt From this time on (Unix seconds) it can be finished.
    struct Recovery {
        address to;
        uint48 readyAt;
    }

    /// @notice An address may hold tokens until `until`.
    event HolderAllowed(address indexed holder, uint48 until, address indexed by);
    /// @notice An address may neither get nor give tokens any more.
    event HolderDisallowed(address indexed holder, address indexed by);
    /// @notice What is named as royalty changed.
    event RoyaltySet(address indexed receiver, uint96 royalty, address indexed by);
    /// @notice A token shall go to another address of its holder, who has lost the key of the present one.
    event RecoveryBegun(
        uint256 indexed tokenId,
        address indexed from,
        address indexed to,
        uint48 readyAt,
        address by
    );
    /// @notice A recovery was called off, or the holder moved the token and so has not lost the key.
    event RecoveryCancelled(uint256 indexed tokenId, address indexed by);
    /// @notice A token was recovered.
    event RecoveryFinished(
        uint256 indexed tokenId,
        address indexed from,
        address indexed to,
        address by
    );

    /// @notice An address that must be given is zero.
    error ZeroAddress();
    /// @notice There would be no shares.
    error NoShares();
    /// @notice `recoveryDelay` is too short or too long.
    error BadRecoveryDelay(uint48 recoveryDelay, uint48 shortest, uint48 longest);
    /// @notice The property has no share of this number.
    error NoSuchShare(uint256 tokenId, uint64 shares);
    /// @notice A token needs metadata.
    error NoMetadata(uint256 tokenId);
    /// @notice An identity check would end in the past, or too far ahead.
    error BadTerm(uint48 until, uint48 earliest, uint48 latest);
    /// @notice The address has no valid identity check.
    error HolderNotAllowed(address holder);
    /// @notice The royalty is above the highest.
    error RoyaltyTooHigh(uint96 royalty, uint96 highest);
    /// @notice A recovery of this token has begun already.
    error RecoveryAlreadyBegun(uint256 tokenId);
    /// @notice No recovery of this token has begun.
    error RecoveryNotBegun(uint256 tokenId);
    /// @notice The holder can still object.
    error RecoveryTooEarly(uint256 tokenId, uint48 readyAt);
    /// @notice Neither the holder, with a valid identity check, nor an operator with the role.
    error MayNotCancel(uint256 tokenId, address account);

    /// @notice Lets addresses hold tokens, or sets a new end. Works while paused.
    /// @param holders The addresses.
    /// @param until The last second (Unix) of their identity checks; within MAX_TERM.
    function allow(address[] calldata holders, uint48 until) external;

    /// @notice Ends identity checks at once: what the addresses hold can only be recovered. Works while paused.
    /// @param holders The addresses.
    function disallow(address[] calldata holders) external;

    /// @notice Makes a share. Each is made once, so that a second try after a lost answer changes nothing.
    /// @param to The first holder, with a valid identity check.
    /// @param tokenId The share's number, from 1 to `shares`.
    /// @param uri Where the share's metadata is. Fixed for ever.
    function mint(address to, uint256 tokenId, string calldata uri) external;

    /// @notice Changes what is named as royalty.
    /// @param receiver Who gets it.
    /// @param royalty Hundredths of a percent of each sale, up to MAX_ROYALTY.
    function setRoyalty(address receiver, uint96 royalty) external;

    /// @notice Stops minting, transfers and recoveries. Identity checks and objections go on.
    function pause() external;

    /// @notice Lets them go on.
    function unpause() external;

    /// @notice The first step of giving a token to a new address of a holder who lost a key.
    /// @param tokenId The token.
    /// @param to The new address, with a valid identity check.
    function beginRecovery(uint256 tokenId, address to) external;

    /// @notice Calls a recovery off: the holder, while its identity check is valid, RECOVERY_ROLE or the admin.
    /// Works while paused.
    /// @param tokenId The token.
    function cancelRecovery(uint256 tokenId) external;

    /// @notice The second step, when `recoveryDelay` has passed.
    /// @param tokenId The token.
    function finishRecovery(uint256 tokenId) external;

    /// @notice How many tokens there will be at most. Fixed for the life of the contract.
    function shares() external view returns (uint64);

    /// @notice How many tokens there are.
    function minted() external view returns (uint64);

    /// @notice Seconds in which a holder can object to a recovery. Fixed for the life of the contract.
    function recoveryDelay() external view returns (uint48);

    /// @notice The last second of an address's identity check; zero where it has none. It may have passed.
    /// @param holder The address.
    function allowedUntil(address holder) external view returns (uint48);

    /// @notice Has the address a valid identity check at this moment?
    /// @param holder The address.
    function isAllowed(address holder) external view returns (bool);

    /// @notice The recovery of a token that has begun; zeros where none has.
    /// @param tokenId The token.
    function recoveryOf(uint256 tokenId) external view returns (Recovery memory);
}
