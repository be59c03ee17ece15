"""When a difference is called real, and below how many groups nothing is concluded."""

SIGNIFICANT = 0.05
"""A p-value below this is called significant; a family of tests may err this often, all together."""

MIN_GROUPS = 10
"""With fewer groups their resamples are too similar and intervals too narrow (Cameron & Miller 2015).

Nothing is concluded from such intervals, and their tests are in no family.
"""
