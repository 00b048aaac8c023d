// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// Royalties as they come: any amount, for anyone.
contract AnyRoyaltyFacet {
    address private immutable _receiver;
    uint256 private immutable _amount;

    constructor(address receiver, uint256 amount) {
        (_receiver, _amount) = (receiver, amount);
    }

    function royaltyInfo(uint256, uint256) external view returns (address, uint256) {
        return (_receiver, _amount);
    }
}

/// A facet by which anyone calls anything in the diamond's name, as some wallets and routers have one.
contract OpenDoorFacet {
    function callAs(address target, bytes calldata data) external {
        (bool done, bytes memory answer) = target.call(data);
        if (!done) {
            assembly {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }
}
