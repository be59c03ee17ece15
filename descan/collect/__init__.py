"""From pictures and clips to answers of models, through their APIs.

`descan.collect` is both this package and a function: whoever imports a module of the package can still call it.
"""

from descan.callable_packages import make_callable

make_callable(__name__, "descan.api", "collect")
