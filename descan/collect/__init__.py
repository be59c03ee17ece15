"""From pictures and clips to answers of models, through their APIs.

`descan.collect` is both this package and a function: whoever imports a module of the package can still call it.
"""

import inspect
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(_find_function())

    def __call__(self, *arguments: Any, **options: Any) -> object:
        return _find_function()(*arguments, **options)


def _find_function() -> Callable[..., object]:
    function: Callable[..., object] = import_module("descan.api").collect
    return function


sys.modules[__name__].__class__ = _CallablePackage
