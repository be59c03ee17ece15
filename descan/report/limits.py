"""How much a report shows, and below which numbers it concludes nothing."""

MIN_GROUPS = 10
"""With fewer groups their resamples are too similar and intervals too narrow (Cameron & Miller 2015).

Nothing is concluded from such intervals.
"""

SIGNIFICANT = 0.05
"""A p-value below this is called significant."""

MODELS_IN_SENTENCE = 4
"""A sentence names no more models than this."""

MODELS_IN_SUMMARY = 12
"""The summary in the terminal shows no more models than this."""

MODELS_IN_FIGURE = 20
"""A figure and a table of the page show no more models than this, so that they stay readable.

It is also the number up to which models are compared with each other.
"""
