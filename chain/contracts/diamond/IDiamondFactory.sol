// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDiamondCut} from "./IDiamondCut.sol";

/// @title What a factory of diamonds offers, says and refuses
/// @notice Keeps sets of facets by name and version, and creates diamonds from them at addresses known before.
interface IDiamondFactory {
    /// @notice A diamond that is wanted. All of it goes into the diamond's address.
    /// @param name The set.
    /// @param version The version of the set that is meant; zero for the current one.
    /// @param admin Who gets the diamond.
    /// @param salt Tells diamonds apart that have all else in common.
    /// @param init A contract with an initialiser, or the zero address.
    /// @param data The call of the initialiser.
    struct Order {
        string name;
        uint256 version;
        address admin;
        bytes32 salt;
        address init;
        bytes data;
    }

    /// @notice A version of a set was written and is the current one. `setId` is the hash of the name.
    event FacetsSet(bytes32 indexed setId, string name, uint256 version);
    /// @notice An earlier version of a set is the current one again.
    event FacetsRolledBack(bytes32 indexed setId, string name, uint256 version);
    /// @notice A set has no current version any more; what it had can still be read and rolled back to.
    event FacetsRemoved(bytes32 indexed setId, string name);
    /// @notice A diamond was created. With `init` and `data` it can be checked that nothing else was run in it.
    event DiamondCreated(
        address indexed diamond,
        bytes32 indexed setId,
        address indexed admin,
        string name,
        uint256 version,
        bytes32 salt,
        address init,
        bytes data
    );

    /// @notice A name is 1 to 63 bytes long.
    error BadName(string name);
    /// @notice The set has no such version, or no current one.
    error NoSuchFacets(string name, uint256 version);
    /// @notice A set has at least one function and at most MAX_FUNCTIONS.
    error BadSize(uint256 functions);
    /// @notice A set is what a diamond begins with: functions can only be added.
    error NotAnAddition(uint256 index);
    /// @notice An entry names no function.
    error EmptyEntry(uint256 index);
    /// @notice Two entries have the same function.
    error DuplicateSelector(bytes4 selector);
    /// @notice There is no code at the facet's address.
    error FacetWithoutCode(address facet);

    /// @notice Writes a set's next version and makes it the current one. What is current already is not written again.
    /// @param name The set.
    /// @param cuts The functions; additions only.
    /// @return version The version, counted from 1.
    function setFacets(
        string calldata name,
        IDiamondCut.FacetCut[] calldata cuts
    ) external returns (uint256 version);

    /// @notice Makes an earlier version the current one.
    /// @param name The set.
    /// @param version The version.
    function rollbackFacets(string calldata name, uint256 version) external;

    /// @notice Leaves a set without a current version: no diamond is created from it until it has one again.
    /// @param name The set.
    function removeFacets(string calldata name) external;

    /// @notice Creates a diamond from a set. Who asks twice for the same gets the same diamond, so a repeated call does
    /// no harm, and neither does somebody who sends a copy of it first.
    /// @param order What is wanted.
    /// @return diamond Where it is.
    function createFromSet(Order calldata order) external returns (address diamond);

    /// @notice Where `createFromSet` creates the diamond. With version zero the answer changes when the set does.
    /// @param order What is wanted.
    function predict(Order calldata order) external view returns (address diamond);

    /// @notice The current version of a set; nothing when there is none.
    /// @param name The set.
    function getFacets(string calldata name) external view returns (IDiamondCut.FacetCut[] memory);

    /// @notice A version of a set, current or not.
    /// @param name The set.
    /// @param version The version, counted from 1.
    function getFacetsAt(
        string calldata name,
        uint256 version
    ) external view returns (IDiamondCut.FacetCut[] memory);

    /// @notice The number of the current version; zero when there is none.
    /// @param name The set.
    function currentVersion(string calldata name) external view returns (uint256);

    /// @notice How many versions a set has had.
    /// @param name The set.
    function versionCount(string calldata name) external view returns (uint256);

    /// @notice The names of all sets there have ever been.
    function setNames() external view returns (string[] memory);

    /// @notice How many diamonds were created here.
    function diamondCount() external view returns (uint256);

    /// @notice Diamonds in the order of their creation.
    /// @param start The index of the first one, counted from 0.
    /// @param count How many at most.
    function diamonds(uint256 start, uint256 count) external view returns (address[] memory);

    /// @notice What a diamond was created from; it may have been cut since. Nothing for what was not created here.
    /// @param diamond The diamond.
    function originOf(address diamond) external view returns (string memory name, uint256 version);
}
