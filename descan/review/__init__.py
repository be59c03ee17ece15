"""What a person marks: the local page with every case, a drawn sample to read blind, and the readings.

`descan.review` is both this package and a function: whoever imports a module of the package can still call it.
"""

from descan.callable_packages import make_callable

make_callable(__name__, "descan.api", "review")
