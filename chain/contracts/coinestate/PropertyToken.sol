// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721Royalty} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Royalty.sol";
import {ERC721URIStorage} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ListedRoles} from "../access/ListedRoles.sol";
import {IPropertyToken} from "./IPropertyToken.sol";

/// @title Property token
/// @notice The shares of one property as ERC-721 tokens. Both sides of a transfer need an identity check that is valid
/// at that moment. No role can take a token from a holder who can object; there is no upgrade and no burning.
contract PropertyToken is IPropertyToken, ERC721URIStorage, ERC721Royalty, ListedRoles, Pausable {
    /// @notice May make shares.
    bytes32 public constant MINTER_ROLE = keccak256("MINTER_ROLE");
    /// @notice May say whose identity was checked, and until when that counts.
    bytes32 public constant IDENTITY_ROLE = keccak256("IDENTITY_ROLE");
    /// @notice May pause. Made for a fast key.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");
    /// @notice May let transfers go on. Apart from PAUSER_ROLE, so that a stolen pauser key cannot flicker.
    bytes32 public constant UNPAUSER_ROLE = keccak256("UNPAUSER_ROLE");
    /// @notice May recover tokens of holders who lost a key.
    bytes32 public constant RECOVERY_ROLE = keccak256("RECOVERY_ROLE");

    /// @notice The longest time for which an identity check counts. Also catches milliseconds given for seconds.
    uint48 public constant MAX_TERM = 3 * 366 days;
    /// @notice The highest royalty, in hundredths of a percent: 10 %.
    uint96 public constant MAX_ROYALTY = 1_000;
    /// @notice The shortest `recoveryDelay`: time for a holder to hear of it and object.
    uint48 public constant MIN_RECOVERY_DELAY = 1 days;
    /// @notice The longest `recoveryDelay`.
    uint48 public constant MAX_RECOVERY_DELAY = 90 days;

    /// @inheritdoc IPropertyToken
    uint64 public immutable shares;
    /// @inheritdoc IPropertyToken
    uint48 public immutable recoveryDelay;

    /// @inheritdoc IPropertyToken
    uint64 public minted;
    /// @inheritdoc IPropertyToken
    mapping(address holder => uint48) public allowedUntil;
    mapping(uint256 tokenId => Recovery) private _recoveries;

    /// @notice The deployer gets nothing, so the contract may come from any factory.
    /// @param setup Who gets which role, and what never changes.
    constructor(
        Setup memory setup
    ) ERC721(setup.name, setup.symbol) AccessControlDefaultAdminRules(setup.adminDelay, setup.admin) {
        if (setup.shares == 0) revert NoShares();
        if (setup.recoveryDelay < MIN_RECOVERY_DELAY || setup.recoveryDelay > MAX_RECOVERY_DELAY) {
            revert BadRecoveryDelay(setup.recoveryDelay, MIN_RECOVERY_DELAY, MAX_RECOVERY_DELAY);
        }
        shares = setup.shares;
        recoveryDelay = setup.recoveryDelay;
        _grantRole(MINTER_ROLE, setup.minter);
        _grantRole(IDENTITY_ROLE, setup.identity);
        _grantRole(PAUSER_ROLE, setup.pauser);
        _grantRole(RECOVERY_ROLE, setup.recoverer);
        _grantRole(UNPAUSER_ROLE, setup.admin);
        _setRoyalty(setup.royaltyReceiver, setup.royalty);
    }

    // ---- who may hold ----

    /// @inheritdoc IPropertyToken
    function allow(address[] calldata holders, uint48 until) external onlyRole(IDENTITY_ROLE) {
        uint48 earliest = uint48(block.timestamp) + 1;
        uint48 latest = uint48(block.timestamp) + MAX_TERM;
        if (until < earliest || until > latest) revert BadTerm(until, earliest, latest);
        for (uint256 i = 0; i < holders.length; ++i) {
            if (holders[i] == address(0)) revert ZeroAddress();
            allowedUntil[holders[i]] = until;
            emit HolderAllowed(holders[i], until, msg.sender);
        }
    }

    /// @inheritdoc IPropertyToken
    function disallow(address[] calldata holders) external onlyRole(IDENTITY_ROLE) {
        for (uint256 i = 0; i < holders.length; ++i) {
            delete allowedUntil[holders[i]];
            emit HolderDisallowed(holders[i], msg.sender);
        }
    }

    // ---- shares ----

    /// @inheritdoc IPropertyToken
    /// @dev All is written before the receiver is asked whether it knows what to do with the token. A share that is
    /// there already is refused by `_safeMint`, which undoes the rest.
    function mint(address to, uint256 tokenId, string calldata uri) external onlyRole(MINTER_ROLE) {
        if (tokenId == 0 || tokenId > shares) revert NoSuchShare(tokenId, shares);
        if (bytes(uri).length == 0) revert NoMetadata(tokenId);
        ++minted;
        _setTokenURI(tokenId, uri);
        _safeMint(to, tokenId);
    }

    /// @inheritdoc IPropertyToken
    function setRoyalty(address receiver, uint96 royalty) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setRoyalty(receiver, royalty);
    }

    /// @inheritdoc IPropertyToken
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    /// @inheritdoc IPropertyToken
    function unpause() external onlyRole(UNPAUSER_ROLE) {
        _unpause();
    }

    // ---- lost keys ----

    /// @inheritdoc IPropertyToken
    function beginRecovery(uint256 tokenId, address to) external onlyRole(RECOVERY_ROLE) whenNotPaused {
        address from = _requireOwned(tokenId);
        _checkAllowed(to);
        if (_recoveries[tokenId].to != address(0)) revert RecoveryAlreadyBegun(tokenId);
        uint48 readyAt = uint48(block.timestamp) + recoveryDelay;
        _recoveries[tokenId] = Recovery(to, readyAt);
        emit RecoveryBegun(tokenId, from, to, readyAt, msg.sender);
    }

    /// @inheritdoc IPropertyToken
    /// @dev A thief with the holder's key could object too; whose check was ended cannot.
    function cancelRecovery(uint256 tokenId) external {
        bool holder = msg.sender == _requireOwned(tokenId) && isAllowed(msg.sender);
        if (!holder && !hasRole(RECOVERY_ROLE, msg.sender) && !hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) {
            revert MayNotCancel(tokenId, msg.sender);
        }
        if (!_dropRecovery(tokenId)) revert RecoveryNotBegun(tokenId);
    }

    /// @inheritdoc IPropertyToken
    /// @dev Past the check of the old address, whose holder need not be able to renew it. Nobody is called, so no new
    /// address can be in the way.
    function finishRecovery(uint256 tokenId) external onlyRole(RECOVERY_ROLE) whenNotPaused {
        Recovery memory recovery = _recoveries[tokenId];
        if (recovery.to == address(0)) revert RecoveryNotBegun(tokenId);
        if (block.timestamp < recovery.readyAt) revert RecoveryTooEarly(tokenId, recovery.readyAt);
        _checkAllowed(recovery.to);
        delete _recoveries[tokenId];
        address from = ERC721._update(recovery.to, tokenId, address(0));
        emit RecoveryFinished(tokenId, from, recovery.to, msg.sender);
    }

    // ---- views ----

    /// @inheritdoc IPropertyToken
    function isAllowed(address holder) public view returns (bool) {
        return allowedUntil[holder] >= block.timestamp;
    }

    /// @inheritdoc IPropertyToken
    function recoveryOf(uint256 tokenId) external view returns (Recovery memory) {
        return _recoveries[tokenId];
    }

    /// @inheritdoc ERC721URIStorage
    function tokenURI(uint256 tokenId) public view override(ERC721, ERC721URIStorage) returns (string memory) {
        return super.tokenURI(tokenId);
    }

    /// @inheritdoc ListedRoles
    function supportsInterface(
        bytes4 interfaceId
    ) public view override(ERC721URIStorage, ERC721Royalty, ListedRoles) returns (bool) {
        return super.supportsInterface(interfaceId);
    }

    // ---- inside ----

    /// @dev Every way of a token but its recovery passes here.
    function _update(
        address to,
        uint256 tokenId,
        address auth
    ) internal override whenNotPaused returns (address from) {
        from = super._update(to, tokenId, auth);
        if (from != address(0)) _checkAllowed(from);
        _checkAllowed(to);
        _dropRecovery(tokenId);
    }

    function _grantRole(bytes32 role, address account) internal override returns (bool) {
        if (account == address(0)) revert ZeroAddress();
        return super._grantRole(role, account);
    }

    function _setRoyalty(address receiver, uint96 royalty) private {
        if (royalty > MAX_ROYALTY) revert RoyaltyTooHigh(royalty, MAX_ROYALTY);
        _setDefaultRoyalty(receiver, royalty);
        emit RoyaltySet(receiver, royalty, msg.sender);
    }

    function _checkAllowed(address holder) private view {
        if (!isAllowed(holder)) revert HolderNotAllowed(holder);
    }

    /// @dev Forgets the recovery of a token; false when there was none.
    function _dropRecovery(uint256 tokenId) private returns (bool) {
        if (_recoveries[tokenId].to == address(0)) return false;
        delete _recoveries[tokenId];
        emit RecoveryCancelled(tokenId, msg.sender);
        return true;
    }
}
