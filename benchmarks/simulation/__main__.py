"""Run the simulation alone: `python -m benchmarks.simulation`, with the number of studies if need be."""

import sys

from benchmarks.simulation.proof import N_STUDIES, describe_simulation

if __name__ == "__main__":
    print(describe_simulation(int(sys.argv[1]) if len(sys.argv) > 1 else N_STUDIES))
