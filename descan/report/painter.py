"""What the process of a plotter does: draw what standard input tells, until that ends."""

import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from descan.report.palette import Theme
from descan.report.plots import draw_svg, write_png


def main() -> None:
    """Write `NAME.svg` and `NAME.png` of each line, a name and a spec in JSON, into a folder.

    The command line has the folder and the theme.
    """
    folder, theme = Path(sys.argv[1]), Theme(sys.argv[2])
    # Pixels are painted beside the layout of the next chart, and lines are read beside both; all release Python's lock.
    with ThreadPoolExecutor(1) as layout, ThreadPoolExecutor(1) as painting:
        layout.submit(_start)

        def draw(line: bytes) -> Future[None]:
            name, spec = json.loads(line.decode("utf-8", "surrogatepass"))
            svg = draw_svg(spec, theme)
            path = folder / f"{name}.svg"
            path.write_text(svg, encoding="utf-8", newline="\n")
            return painting.submit(write_png, svg, path.with_suffix(".png"))

        for drawing in [layout.submit(draw, line) for line in sys.stdin.buffer]:
            drawing.result().result()


def _start() -> None:
    """Have the engine ready when the first figure comes."""
    import vl_convert

    vl_convert.vegalite_to_svg({"data": {"values": []}, "mark": "point"})
