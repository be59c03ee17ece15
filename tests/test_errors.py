"""The errors that descan raises, and their place in the tree that their module shows."""

import pickle
import re

import pytest

from descan import errors
from descan.errors import DescanError, InputError, OptionError


def test_the_tree_of_errors_is_the_one_in_the_docstring() -> None:
    tree = re.findall(r"^([│ ]*)[├└]── (\w+)|^(DescanError)$", str(errors.__doc__), re.MULTILINE)
    parents = list[str]()
    for indent, name, root in tree:
        depth = 0 if root else 1 + len(indent) // 4
        parents[depth:] = [name or root]
        if depth:
            assert issubclass(getattr(errors, name), getattr(errors, parents[depth - 1]))
    named = {name or root for _, name, root in tree}
    defined = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert named == defined


@pytest.mark.parametrize("error", [InputError("a.csv", "is empty", 3), OptionError("n_jobs", "must be 1, not 0")])
def test_an_error_travels_between_processes(error: DescanError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))
