// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// A contract account that does what a test tells it to: calls anything, signs by EIP-1271 with its owner's key, and
/// meets incoming ether in one of several ways, most of them rude.
contract Actor {
    enum Manner {
        Accept,
        Refuse,
        Reenter,
        BurnGas,
        ReturnBomb,
        NeedGas
    }

    address public immutable owner;
    Manner public manner;
    bool public silent;
    address public target;
    bytes public payload;

    event Reentered(bool succeeded, bytes answer);

    constructor(address owner_) {
        owner = owner_;
    }

    function behave(Manner manner_) external {
        manner = manner_;
    }

    function setSilent(bool on) external {
        silent = on;
    }

    /// What to call back when ether arrives.
    function arm(address target_, bytes calldata payload_) external {
        (target, payload, manner) = (target_, payload_, Manner.Reenter);
    }

    function execute(address to, uint256 value, bytes calldata data) external payable returns (bytes memory) {
        (bool done, bytes memory result) = to.call{value: value}(data);
        if (!done) {
            assembly {
                revert(add(result, 0x20), mload(result))
            }
        }
        return result;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(hash, signature);
        if (silent || problem != ECDSA.RecoverError.NoError || signer != owner) return 0xffffffff;
        return this.isValidSignature.selector;
    }

    receive() external payable {
        if (manner == Manner.Refuse) revert("no, thank you");
        if (manner == Manner.BurnGas) {
            while (true) keccak256(abi.encode(gasleft()));
        }
        if (manner == Manner.NeedGas) {
            // Six times what a wallet needs, and less than what the escrow offers.
            uint256 start = gasleft();
            while (start - gasleft() < 40_000) keccak256(abi.encode(start));
        }
        if (manner == Manner.ReturnBomb) {
            assembly {
                revert(0, 200000)
            }
        }
        if (manner == Manner.Reenter) {
            // A log, because storing the outcome would need more gas than a recipient gets.
            (bool done, bytes memory result) = target.call(payload);
            emit Reentered(done, result);
        }
    }
}

/// Gives ether to an address that has no way to refuse it.
contract Feeder {
    constructor(address payable to) payable {
        selfdestruct(to);
    }
}

/// Reads everything that a test compares, in one call.
contract Inspector {
    struct Sums {
        uint256 balance;
        uint256 held;
        uint256 surplus;
        uint256 shortfall;
    }

    function sums(Books escrow, address[] calldata tokens) external view returns (Sums[] memory result) {
        result = new Sums[](tokens.length);
        for (uint256 i = 0; i < tokens.length; ++i) {
            address token = tokens[i];
            result[i] = Sums({
                balance: _balance(token, address(escrow)),
                held: escrow.held(token),
                surplus: escrow.surplus(token),
                shortfall: escrow.shortfall(token)
            });
        }
    }

    function balances(address[] calldata tokens, address[] calldata accounts) external view returns (uint256[] memory result) {
        result = new uint256[](tokens.length * accounts.length);
        for (uint256 t = 0; t < tokens.length; ++t) {
            for (uint256 a = 0; a < accounts.length; ++a) {
                result[t * accounts.length + a] = _balance(tokens[t], accounts[a]);
            }
        }
    }

    function _balance(address token, address account) private view returns (uint256) {
        return token == address(0) ? account.balance : Token(token).balanceOf(account);
    }
}

interface Token {
    function balanceOf(address account) external view returns (uint256);
}

interface Books {
    function held(address token) external view returns (uint256);
    function surplus(address token) external view returns (uint256);
    function shortfall(address token) external view returns (uint256);
}
