// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {UupsStart} from "./UupsStart.sol";

/// @title A UUPS proxy whose address does not depend on its implementation
/// @notice It is OpenZeppelin's ERC1967Proxy. Only what it is created with is its own: an implementation that can do
/// nothing but be upgraded by the owner. So nothing of a release is in the creation code, and with CREATE2 the address
/// is the same before the first release, after the tenth, and on a chain that begins with the tenth.
contract UupsProxy is ERC1967Proxy {
    /// @param owner Who brings the first implementation, in the transaction that initialises it. After that the
    /// implementation decides who may upgrade.
    constructor(
        address owner
    ) ERC1967Proxy(address(new UupsStart(owner)), abi.encodeCall(UupsStart.start, ())) {}
}
