"""Libraries without what they import and descan never uses."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


def import_spacy_alone() -> None:
    """Import spaCy, and torch not with it, which its backend would import for itself wherever it is installed.

    Only for a process of our own: elsewhere somebody may want spaCy and torch together.
    """
    if "torch" in sys.modules:
        return
    sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        import spacy  # noqa: F401
    finally:
        del sys.modules["torch"]


def forgo_what_reading_never_uses() -> None:
    """Have a worker, which does nothing but read descriptions, start in half the time and with less memory.

    Arrow imports pandas wherever it is installed, numba scipy, and spaCy's backend torch.
    """
    sys.meta_path.insert(0, _Absent())


class _Absent(MetaPathFinder):
    def find_spec(self, fullname: str, path: object, target: object = None) -> None:  # noqa: ARG002
        if fullname in ("pandas", "scipy", "torch"):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def import_sentence_transformers() -> None:
    """Import sentence-transformers, and scikit-learn only when one of its measures is asked for.

    That is a quarter to a third of the time; embedding asks for none. Only for a process of our own: meanwhile another
    thread that imports scikit-learn would get what stands for it.
    """
    if not {"sentence_transformers", "sklearn"} & sys.modules.keys():
        with suppress(Exception), _functions_later("sklearn", "sklearn.metrics"):
            import_module("sentence_transformers")
            return
        # Another version may want more of scikit-learn than functions.
        for name in [name for name in sys.modules if name.startswith("sentence_transformers")]:
            del sys.modules[name]
    import_module("sentence_transformers")


@contextmanager
def _functions_later(*names: str) -> Iterator[None]:
    """Let functions of modules be imported by their names; a module itself is imported when one is first called."""
    sys.modules.update({name: _FunctionsLater(name) for name in names})
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


class _FunctionsLater(ModuleType):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__spec__ = ModuleSpec(name, None, is_package=True)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name.startswith("__"):
            raise AttributeError(name)

        def function(*args: object, **kwargs: object) -> object:
            return getattr(import_module(self.__name__), name)(*args, **kwargs)

        return function
