"""The base of every settings dataclass: no defaults, and values that are checked.

In: values, from a config or from a program. Out: an instance whose values fit the keys
declared beside its fields.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import (
    Any,
    ClassVar,
    Self,
    TypeVar,
    cast,
    dataclass_transform,
    get_type_hints,
)

from evoplast.artefacts.errors import UserError
from evoplast.configuration.defaults import default_config, section_named
from evoplast.configuration.key import key
from evoplast.configuration.mistakes import first_mistake
from evoplast.configuration.schema import schema_of

__all__ = ["Settings", "built", "frozen", "key", "settings_class"]

Kind = TypeVar("Kind")
_FIELDS = "__annotations__"


@dataclass_transform(frozen_default=True, field_specifiers=(key,))
def settings_class(kind: type[Kind]) -> type[Kind]:
    """Make a frozen dataclass; tells type checkers that a key is no default."""
    return dataclass(frozen=True)(kind)


class Settings:
    """Settings without defaults: those stand in config/config.yaml alone.

    ``SECTION``: dotted name of the section whose keys the class declares.
    ``SECTIONS``: the sections that fields without a key of their own are taken from,
    the first that has the name.

    Raises:
        UserError: a value is outside of what its key allows; names the key.
    """

    SECTION: ClassVar[str] = ""
    SECTIONS: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for name, spec in schema_of(cast(Any, type(self)))["properties"].items():
            value = getattr(self, name)
            if isinstance(value, Settings):
                continue
            dotted = f"{_section_of(type(self), name)}.{name}"
            mistake = first_mistake(_plain(value), spec, dotted.lstrip("."))
            if mistake is not None:
                raise UserError(mistake)

    @classmethod
    def default(cls, **changes: object) -> Self:
        """Return the settings that config.yaml describes, but for ``changes``.

        For tests and for users of the library: a stage of the workflow takes its
        settings from the config of the run. ``changes`` gives also what is no key.

        Raises:
            TypeError: a field is no key of the config and ``changes`` lacks it.
            UserError: a value is not allowed; names the key.
        """
        hints, values = get_type_hints(cls), {}
        names = [field.name for field in fields(cast(Any, cls))]
        for name in (name for name in names if name not in changes):
            parts = (part for part in _sections(cls, name) if name in part)
            section = next(parts, None)
            if section is not None:
                values[name] = _inner(hints[name], section[name])
            elif is_dataclass(hints[name]):
                values[name] = hints[name].default()
        return cls(**values, **changes)


def built(kind: type[Kind], tree: Any) -> Kind:
    """Return a section with all sections inside it, from a complete part of a config.

    Raises:
        UserError: a value is not allowed, or two contradict each other.
    """
    hints = get_type_hints(kind)
    names = [field.name for field in fields(cast(Any, kind))]
    return kind(**{name: _inner(hints[name], tree[name]) for name in names})


def frozen(value: object) -> object:
    """Return ``value`` with tuples for lists, so that settings can be hashed."""
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def _inner(hint: Any, value: object) -> Any:
    return built(cast(Any, hint), value) if is_dataclass(hint) else frozen(value)


def _sections(kind: type[Settings], name: str) -> Iterator[Mapping]:
    own = _section_of(kind, name)
    names = (*((own,) if own else ()), *kind.SECTIONS)
    config = default_config() if names else {}
    return (section_named(config, dotted) for dotted in names)


def _section_of(kind: type[Settings], name: str) -> str:
    # That of kind itself where the declaring class serves several sections.
    mro = cast(tuple[type[Settings], ...], kind.__mro__)
    own = next(base for base in mro if name in vars(base).get(_FIELDS, {}))
    return own.SECTION or kind.SECTION


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return list(map(_plain, value)) if isinstance(value, tuple) else value
