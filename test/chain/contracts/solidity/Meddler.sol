// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// Calls whatever it is armed with, whenever it is called, paid or given a token, and remembers what came of it.
contract Meddler {
    address public target;
    bytes public payload;
    uint256 public calls;
    bool public succeeded;
    bytes public answer;
    uint256 public done;
    bool public rude;

    error Broken(uint256 amount);

    function arm(address target_, bytes calldata payload_) external {
        (target, payload) = (target_, payload_);
    }

    function setRude(bool on) external {
        rude = on;
    }

    function execute(address to, uint256 value, bytes calldata data) external payable returns (bytes memory) {
        (bool passed, bytes memory result) = to.call{value: value}(data);
        if (!passed) {
            assembly {
                revert(add(result, 0x20), mload(result))
            }
        }
        return result;
    }

    /// An operation that takes an amount, and ether.
    function work(address, uint256 amount) external payable returns (uint256) {
        _meddle();
        done += amount;
        return amount * 2;
    }

    /// An operation that goes wrong.
    function fail(uint256 amount) external pure {
        revert Broken(amount);
    }

    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4) {
        if (rude) revert("no, thank you");
        _meddle();
        return this.onERC721Received.selector;
    }

    receive() external payable {
        _meddle();
    }

    function _meddle() private {
        address to = target;
        if (to == address(0)) return;
        target = address(0);
        ++calls;
        (succeeded, answer) = to.call(payload);
    }
}

/// A contract that does nothing of its own and differs from others by its number.
contract Thing {
    uint256 public immutable number;

    constructor(uint256 number_) {
        number = number_;
    }
}

/// A token that anyone may mint.
contract PlainNft is ERC721("Plain", "PLN") {
    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }
}
