"""Packages that are functions, too: `descan.collect(...)` works, whoever imported a module of the package before."""

import inspect
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(self._function())

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        """What `help` shows: the documentation of the function."""
        return self._function().__doc__

    def __call__(self, *arguments: Any, **options: Any) -> object:
        return self._function()(*arguments, **options)

    def _function(self) -> Callable[..., object]:
        function: Callable[..., object] = getattr(import_module(self.__dict__["_module"]), self.__dict__["_name"])
        return function


def make_callable(package: str, module: str, name: str) -> None:
    """Let a call of a package be a call of a function of its name.

    Args:
        package: The package, as its `__name__`.
        module: Where the function is; it is imported when the package is called, or asked for its signature.
        name: Of the function.
    """
    found = sys.modules[package]
    found.__class__ = _CallablePackage
    found.__dict__.update(_module=module, _name=name)
