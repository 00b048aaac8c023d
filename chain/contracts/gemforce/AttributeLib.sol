// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGemforceMinter} from "./IGemforceMinter.sol";

/// @title Attributes of tokens
/// @notice A library with an address of its own, which facets are linked with.
library AttributeLib {
    /// @notice Attributes of a token at most. Bounds the loops here.
    uint256 internal constant MAX_ATTRIBUTES = 32;

    /// @notice Checks the attributes of a new token and writes them.
    /// @param target Where to.
    /// @param attributes What.
    function write(
        IGemforceMinter.Attribute[] storage target,
        IGemforceMinter.Attribute[] calldata attributes
    ) external {
        uint256 count = attributes.length;
        if (count > MAX_ATTRIBUTES) revert IGemforceMinter.TooManyAttributes(count, MAX_ATTRIBUTES);
        bytes32[] memory keys = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            IGemforceMinter.Attribute calldata attribute = attributes[i];
            string calldata key = attribute.key;
            string calldata value = attribute.value;
            if (bytes(key).length == 0 || bytes(key).length > 64) revert IGemforceMinter.BadKey(key);
            if (bytes(value).length > 256) revert IGemforceMinter.ValueTooLong(key);
            if (attribute.attributeType == IGemforceMinter.AttributeType.Number && !_isNumber(bytes(value))) {
                revert IGemforceMinter.NotANumber(key, value);
            }
            keys[i] = keccak256(bytes(key));
            for (uint256 k = 0; k < i; ++k) {
                if (keys[k] == keys[i]) revert IGemforceMinter.DuplicateKey(key);
            }
            target.push(attribute);
        }
    }

    /// @notice The attribute with this name, if there is one.
    /// @param attributes Where to look.
    /// @param key The name.
    function find(
        IGemforceMinter.Attribute[] storage attributes,
        string calldata key
    ) external view returns (bool found, IGemforceMinter.Attribute memory attribute) {
        bytes32 wanted = keccak256(bytes(key));
        for (uint256 i = 0; i < attributes.length; ++i) {
            if (keccak256(bytes(attributes[i].key)) == wanted) return (true, attributes[i]);
        }
    }

    /// @dev Digits, with a minus before them and one point among them, or neither: -12.5, 100, not 1e3, .5 or 5.
    function _isNumber(bytes calldata text) private pure returns (bool) {
        uint256 start = text.length > 0 && text[0] == "-" ? 1 : 0;
        bool pointed = false;
        bool afterDigit = false;
        for (uint256 i = start; i < text.length; ++i) {
            bool digit = text[i] >= "0" && text[i] <= "9";
            if (!digit && (text[i] != "." || pointed || !afterDigit)) return false;
            if (!digit) pointed = true;
            afterDigit = digit;
        }
        return afterDigit;
    }
}
