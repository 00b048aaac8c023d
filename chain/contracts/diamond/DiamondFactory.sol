// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ListedRoles} from "../access/ListedRoles.sol";
import {Diamond} from "./Diamond.sol";
import {FacetSets} from "./FacetSets.sol";
import {IDiamondCut} from "./IDiamondCut.sol";
import {IDiamondFactory} from "./IDiamondFactory.sol";

/// @title DiamondFactory
/// @notice It has no power over the diamonds that it has created.
/// @dev All that decides about a diamond goes into its address: facets, admin, salt and initialiser. So nobody can put
/// another diamond where one was predicted. Initialisers run code of the creator's choice while a diamond is made; the
/// guard keeps them out of here, and the books are closed before they run.
contract DiamondFactory is IDiamondFactory, ListedRoles, ReentrancyGuardTransient {
    using FacetSets for FacetSets.FacetSet;

    /// @notice Writes sets, rolls them back and removes them.
    bytes32 public constant CURATOR_ROLE = keccak256("CURATOR_ROLE");
    /// @notice Creates diamonds. A role because the initialiser may do anything to a new diamond, and `originOf` then
    /// vouches for its facets.
    bytes32 public constant CREATOR_ROLE = keccak256("CREATOR_ROLE");
    /// @notice Functions of a set at most.
    uint256 public constant MAX_FUNCTIONS = FacetSets.MAX_FUNCTIONS;

    /// @dev What a diamond was created from.
    struct Origin {
        bytes32 setId;
        uint256 version;
    }

    mapping(bytes32 setId => FacetSets.FacetSet) private _sets;
    bytes32[] private _setIds;
    mapping(address diamond => Origin) private _origins;
    address[] private _diamonds;

    /// @notice The admin gets both roles; the deployer gets nothing.
    /// @param admin Grants and revokes roles; a Safe or a timelock in production.
    /// @param adminDelay Seconds between the two steps of handing the admin role on.
    constructor(address admin, uint48 adminDelay) AccessControlDefaultAdminRules(adminDelay, admin) {
        _grantRole(CURATOR_ROLE, admin);
        _grantRole(CREATOR_ROLE, admin);
    }

    // ---- sets ----

    /// @inheritdoc IDiamondFactory
    function setFacets(
        string calldata name,
        IDiamondCut.FacetCut[] calldata cuts
    ) external nonReentrant onlyRole(CURATOR_ROLE) returns (uint256 version) {
        bytes32 setId = _idOf(name);
        FacetSets.FacetSet storage set = _sets[setId];
        if (bytes(set.name).length == 0) {
            if (bytes(name).length == 0 || bytes(name).length > 63) revert BadName(name);
            set.name = name;
            _setIds.push(setId);
        }
        bool written = set.write(setId, cuts);
        version = set.current;
        if (written) emit FacetsSet(setId, name, version);
    }

    /// @inheritdoc IDiamondFactory
    function rollbackFacets(
        string calldata name,
        uint256 version
    ) external nonReentrant onlyRole(CURATOR_ROLE) {
        bytes32 setId = _idOf(name);
        _requireVersion(name, version);
        _sets[setId].current = version;
        emit FacetsRolledBack(setId, name, version);
    }

    /// @inheritdoc IDiamondFactory
    function removeFacets(string calldata name) external nonReentrant onlyRole(CURATOR_ROLE) {
        bytes32 setId = _idOf(name);
        FacetSets.FacetSet storage set = _sets[setId];
        if (set.current == 0) revert NoSuchFacets(name, 0);
        set.current = 0;
        emit FacetsRemoved(setId, name);
    }

    // ---- diamonds ----

    /// @inheritdoc IDiamondFactory
    function createFromSet(
        Order calldata order
    ) external nonReentrant onlyRole(CREATOR_ROLE) returns (address diamond) {
        uint256 version = _versionOf(order);
        bytes memory code = _creationCode(order, version);
        diamond = Create2.computeAddress(order.salt, keccak256(code));
        if (diamond.code.length != 0) return diamond;

        bytes32 setId = _idOf(order.name);
        _origins[diamond] = Origin(setId, version);
        _diamonds.push(diamond);
        emit DiamondCreated(
            diamond,
            setId,
            order.admin,
            order.name,
            version,
            order.salt,
            order.init,
            order.data
        );
        return Create2.deploy(0, order.salt, code);
    }

    /// @inheritdoc IDiamondFactory
    function predict(Order calldata order) external view returns (address diamond) {
        return Create2.computeAddress(order.salt, keccak256(_creationCode(order, _versionOf(order))));
    }

    // ---- views ----

    /// @inheritdoc IDiamondFactory
    function getFacets(string calldata name) external view returns (IDiamondCut.FacetCut[] memory cuts) {
        uint256 current = _sets[_idOf(name)].current;
        return current == 0 ? cuts : _facetsAt(name, current);
    }

    /// @inheritdoc IDiamondFactory
    function getFacetsAt(
        string calldata name,
        uint256 version
    ) external view returns (IDiamondCut.FacetCut[] memory) {
        return _facetsAt(name, version);
    }

    /// @inheritdoc IDiamondFactory
    function currentVersion(string calldata name) external view returns (uint256) {
        return _sets[_idOf(name)].current;
    }

    /// @inheritdoc IDiamondFactory
    function versionCount(string calldata name) external view returns (uint256) {
        return _sets[_idOf(name)].versions.length;
    }

    /// @inheritdoc IDiamondFactory
    function setNames() external view returns (string[] memory names) {
        names = new string[](_setIds.length);
        for (uint256 i = 0; i < names.length; ++i) names[i] = _sets[_setIds[i]].name;
    }

    /// @inheritdoc IDiamondFactory
    function diamondCount() external view returns (uint256) {
        return _diamonds.length;
    }

    /// @inheritdoc IDiamondFactory
    function diamonds(uint256 start, uint256 count) external view returns (address[] memory found) {
        uint256 left = start < _diamonds.length ? _diamonds.length - start : 0;
        found = new address[](count < left ? count : left);
        for (uint256 i = 0; i < found.length; ++i) found[i] = _diamonds[start + i];
    }

    /// @inheritdoc IDiamondFactory
    function originOf(address diamond) external view returns (string memory name, uint256 version) {
        Origin memory origin = _origins[diamond];
        return (_sets[origin.setId].name, origin.version);
    }

    // ---- inside ----

    function _idOf(string calldata name) private pure returns (bytes32) {
        return keccak256(bytes(name));
    }

    function _requireVersion(string calldata name, uint256 version) private view {
        if (version == 0 || version > _sets[_idOf(name)].versions.length) revert NoSuchFacets(name, version);
    }

    function _facetsAt(
        string calldata name,
        uint256 version
    ) private view returns (IDiamondCut.FacetCut[] memory) {
        _requireVersion(name, version);
        return _sets[_idOf(name)].read(version);
    }

    /// @dev The version that is meant.
    function _versionOf(Order calldata order) private view returns (uint256) {
        return order.version == 0 ? _sets[_idOf(order.name)].current : order.version;
    }

    /// @dev What creates the diamond, arguments included.
    function _creationCode(Order calldata order, uint256 version) private view returns (bytes memory) {
        IDiamondCut.FacetCut[] memory cuts = _facetsAt(order.name, version);
        bytes memory args = abi.encode(order.admin, cuts, order.init, order.data);
        return bytes.concat(type(Diamond).creationCode, args);
    }
}
