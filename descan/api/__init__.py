"""The functions behind `import descan` that take many options.

The command line calls them, too, so that both take the same options and refuse the same mistakes.
"""

from descan.api.analyzing import analyze
from descan.api.asking import collect, collect_check, collect_status, judge
from descan.api.reviewing import review

__all__ = ["analyze", "collect", "collect_check", "collect_status", "judge", "review"]
