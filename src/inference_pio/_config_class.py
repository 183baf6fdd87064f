# SPDX-License-Identifier: Apache-2.0
"""Which config belongs to a plugin class, and what its fields take."""

from __future__ import annotations

import dataclasses
import importlib
import sys
import types
import typing
from collections.abc import Mapping, Sequence, Set
from types import ModuleType
from typing import Any

from . import _pio

PLAIN = {types.NoneType: "null", bool: "bool", int: "int", float: "float", str: "str"}


def config_class(plugin_class: type) -> type:
    """The BaseConfig subclass that belongs to a plugin, or BaseConfig.

    It is the class's config_class; or the one that the config.py beside its module defines; or the only one
    that its own module defines; or, by the same rules, that of a base class.
    """
    from .common.config.model_config_base import BaseConfig

    given: type | None = getattr(plugin_class, "config_class", None)
    if given is not None:
        return given
    for cls in plugin_class.__mro__:
        if issubclass(cls, _pio.ModelPluginInterface) and cls.__module__ != _pio.__name__:
            found = _of_folder(cls, BaseConfig) or _of_module(cls, BaseConfig)
            if found is not None:
                return found
    return BaseConfig


def defined_subclasses(module: ModuleType, base: type) -> list[type]:
    """The subclasses of `base` that `module` defines itself."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, base)
        and value is not base
        and value.__module__ == module.__name__
    ]


def field_kinds(config_class: type) -> dict[str, list[str]]:
    """What each field takes, by its annotation: of null bool int float str list dict; an empty list is anything."""
    kinds: dict[str, list[str]] = {}
    for cls in reversed(config_class.__mro__):
        names = vars(sys.modules.get(cls.__module__, typing)) | {cls.__name__: cls}
        for name, annotation in vars(cls).get("__annotations__", {}).items():
            one = types.SimpleNamespace(__annotations__={name: annotation})
            try:
                kinds[name] = _kinds(typing.get_type_hints(one, names, dict(vars(cls)))[name])
            except Exception:  # names that only a type checker knows
                kinds[name] = []
    return {field.name: kinds.get(field.name, []) for field in dataclasses.fields(config_class)}


def _of_folder(plugin_class: type, base: type) -> type | None:
    package = plugin_class.__module__.rpartition(".")[0]
    if not package:
        return None
    name = package + ".config"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in (package, name):
            raise
        return None
    found = defined_subclasses(module, base)
    if len(found) > 1:
        names = ", ".join(cls.__name__ for cls in found)
        raise _pio.InvalidArgumentError(
            f"{name} defines {names}: name one as config_class of {plugin_class.__name__}"
        )
    return found[0] if found else None


def _of_module(plugin_class: type, base: type) -> type | None:
    module = sys.modules.get(plugin_class.__module__)
    found = defined_subclasses(module, base) if module else []
    return found[0] if len(found) == 1 else None


def _kinds(hint: Any) -> list[str]:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType, typing.Literal):
        arguments = typing.get_args(hint)
        if origin is typing.Literal:
            arguments = tuple(type(value) for value in arguments)
        parts = [_kinds(part) for part in arguments]
        return list(dict.fromkeys(sum(parts, []))) if all(parts) else []
    kind = origin or hint
    if not isinstance(kind, type):
        return []
    if kind in PLAIN:
        return [PLAIN[kind]]
    if issubclass(kind, (str, bytes)):
        return []
    if issubclass(kind, (Sequence, Set)):
        return ["list"]
    return ["dict"] if issubclass(kind, Mapping) else []
