// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title How the functions of a diamond are read, as EIP-2535 has it
/// @notice The ERC-165 identifier of this interface is 0x48e2b093.
interface IDiamondLoupe {
    /// @notice A facet and the functions that it serves.
    struct Facet {
        address facetAddress;
        bytes4[] functionSelectors;
    }

    /// @notice All facets with their functions, in no order.
    function facets() external view returns (Facet[] memory facets_);

    /// @notice The functions that a facet serves, in no order.
    function facetFunctionSelectors(
        address _facet
    ) external view returns (bytes4[] memory facetFunctionSelectors_);

    /// @notice All facets, in no order.
    function facetAddresses() external view returns (address[] memory facetAddresses_);

    /// @notice The facet that serves a function; the zero address when none does.
    function facetAddress(bytes4 _functionSelector) external view returns (address facetAddress_);
}
