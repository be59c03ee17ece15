"""Stage report: what a person reads of an analysis."""
