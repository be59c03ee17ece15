"""Run the benchmarks that need no network: `python -m benchmarks`, or `make bench`."""

from benchmarks.bootstrap import describe_bootstrap
from benchmarks.collecting import describe_collecting
from benchmarks.extraction import describe_extraction
from benchmarks.report import describe_report
from benchmarks.simulation.proof import describe_simulation
from benchmarks.startup import describe_startup

print(describe_extraction())
print()
print(describe_startup())
print()
print(describe_bootstrap())
print()
print(describe_collecting())
print()
print(describe_simulation())
print()
print(describe_report())
