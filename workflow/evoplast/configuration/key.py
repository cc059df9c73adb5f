"""A key of the config, declared beside the field that holds its value.

In: what a reader has to know of a key. Out: a field of a dataclass that carries it.
A field without a key is borrowed: another section declares it.
"""

from dataclasses import dataclass, field
from typing import Any

OUR_DECISION = "our decision"
_NAME = "key"


@dataclass(frozen=True)
class Key:
    """What is known of a key besides its name and type.

    Attributes:
        description: what it is, in a sentence.
        within: interval of a number, or of each number of a list: "[0, 1]" holds its
            ends, "(0, 1)" does not. Every number has one.
        step: a whole number is a multiple of it.
        unit: of a number; 1 where it has none.
        source: where the value by default comes from.
        different: no value of a list occurs twice.
        may_be_empty: a list may have no value.
        pattern: regular expression of a whole text; any without control characters if
            none is given.
        looks: what a text that fits the pattern looks like, in words.
    """

    description: str
    within: str | None = None
    step: int | None = None
    unit: str = "1"
    source: str = OUR_DECISION
    different: bool = False
    may_be_empty: bool = False
    pattern: str = r"^[^\x00-\x1f\x7f]*\Z"
    looks: str = "of printable characters"


def key(description: str, **about: Any) -> Any:
    """Return a dataclass field without default for a key; see :class:`Key`."""
    return field(metadata={_NAME: Key(description, **about)})


def key_of(metadata: Any) -> Key | None:
    """Return the key in the metadata of a field; None if the field is borrowed."""
    return metadata.get(_NAME)
