"""How wide a table is that LaTeX sets, so that one that runs over the margin is told before it is printed."""

from descan.report.paper.table_files import wrap_head
from descan.report.paper.tables import PaperCell, PaperTable

_LETTER_PT = 4.3
"""Of an average letter of Computer Modern at 9 points, the `\\small` of tables."""

_INTERVAL_PT = 3.7
"""Of the 7 points of intervals."""

_GAP_PT = 8.0
"""Between two columns, as `\\tabcolsep` of the tables has it."""

_PT_PER_CM = 72.27 / 2.54


def estimate_width_cm(table: PaperTable) -> float:
    """Return about how many centimetres a table is wide in LaTeX, give or take a tenth."""
    columns = [
        max(_head_pt(head), *(_cell_pt(row[place]) for row in table.rows), 0.0) for place, head in enumerate(table.head)
    ]
    return (sum(columns) + _GAP_PT * len(columns)) / _PT_PER_CM


def _head_pt(head: str) -> float:
    return max(map(len, wrap_head(head)), default=0) * _LETTER_PT


def _cell_pt(cell: PaperCell) -> float:
    return max(len(cell.text) * _LETTER_PT, len(cell.interval) * _INTERVAL_PT)
