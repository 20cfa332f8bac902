"""How figures look, and how a figure becomes SVG or PNG bytes that are the same on every run."""

from __future__ import annotations

import html
import io
import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from leadrisk.report.inline_svg import THEME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

INK, MUTED, GRID, PAPER = (THEME[name] for name in ("ink", "muted", "grid", "paper"))
NEUTRAL = "#8a96a0"

#: Okabe-Ito: told apart by every common kind of colour vision, the first two also in grey.
_CONTRACT_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_CONTRACT_DASHES = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 3)))
_CONTRACT_MARKERS = ("o", "s", "^", "D", "v", "P")
_CONTRACT_HATCHES = ("", "////", "....", "xx", "\\\\\\\\", "++")
_MOST_PANELS_ABREAST = 3
_DOTS_PER_INCH = 160

Dash = str | tuple[int, tuple[int, ...]]

_SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "hatch.linewidth": 0.6,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "text.parse_math": False,
    "svg.hashsalt": "leadrisk",
    "path.simplify_threshold": 0.2,
}


@dataclass(frozen=True)
class Drawing:
    """A figure with the words that stand for it where it cannot be seen."""

    figure: Figure
    title: str
    description: str

    @cached_property
    def svg(self) -> bytes:
        """The figure as a standalone SVG file, rendered once for the file and for the page."""
        return to_svg(self.figure, title=self.title, description=self.description)

    @cached_property
    def png(self) -> bytes:
        """The figure as a PNG file."""
        return to_png(self.figure)


@contextmanager
def style() -> Iterator[None]:
    """Apply the report's matplotlib settings inside a ``with`` block only."""
    with mpl.rc_context(_SETTINGS):
        yield


def contract_colour(index: int) -> str:
    """Colour of the contract at a position of the run."""
    return _CONTRACT_COLOURS[index % len(_CONTRACT_COLOURS)]


def contract_dash(index: int) -> Dash:
    """Line style of the contract at a position of the run, so that colour is never the only sign."""
    return _CONTRACT_DASHES[index % len(_CONTRACT_DASHES)]


def contract_marker(index: int) -> str:
    """Marker of the contract at a position of the run."""
    return _CONTRACT_MARKERS[index % len(_CONTRACT_MARKERS)]


def contract_hatch(index: int) -> str:
    """Hatch of the contract at a position of the run."""
    return _CONTRACT_HATCHES[index % len(_CONTRACT_HATCHES)]


def new_figure(*, width: float = 7.6, height: float) -> Figure:
    """Figure in inches without any global state."""
    return Figure(figsize=(width, height), dpi=_DOTS_PER_INCH, layout="constrained")


def panels(count: int, *, height: float, extra: float = 0.0) -> tuple[Figure, list[Axes]]:
    """Figure of several panels that share their axes, up to three abreast.

    Parameters
    ----------
    count
        Number of panels.
    height
        Of one row of panels, in inches.
    extra
        Height around them, in inches.
    """
    columns = abreast(count)
    rows = -(-count // columns)
    figure = new_figure(height=height * rows + extra)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel().tolist()
    for axes in grid[count:]:
        axes.remove()
    for axes in grid[max(count - columns, 0) : count]:
        axes.tick_params(axis="x", labelbottom=True)
    return figure, grid[:count]


def abreast(count: int) -> int:
    """Columns in which several panels stand without a gap where they can, at most three.

    Examples
    --------
    >>> [abreast(count) for count in (1, 2, 3, 4, 5, 6)]
    [1, 2, 3, 2, 3, 3]
    """
    return 2 if count == 4 else min(count, _MOST_PANELS_ABREAST)


def zero_line(axes: Axes, *, vertical: bool = False) -> None:
    """Mark the line between gain and loss."""
    draw = axes.axvline if vertical else axes.axhline
    draw(0, color=INK, linewidth=0.8, zorder=1.5)


def to_png(figure: Figure) -> bytes:
    """Render a figure as PNG on white."""
    buffer = io.BytesIO()
    with style():
        _lay_out(figure)
        FigureCanvasAgg(figure).print_figure(
            buffer, format="png", dpi=_DOTS_PER_INCH, facecolor=PAPER, metadata={"Software": None}
        )
    return buffer.getvalue()


def _lay_out(figure: Figure) -> None:
    """Place axes and labels once for both formats: it takes as long as drawing, and matplotlib does it each time."""
    engine = figure.get_layout_engine()
    if engine is not None:
        FigureCanvasAgg(figure)  # gives the figure a renderer that can measure text
        engine.execute(figure)
        figure.set_layout_engine(None)


def to_svg(figure: Figure, *, title: str, description: str) -> bytes:
    """Render a figure as a standalone SVG file with title and description for screen readers."""
    buffer = io.BytesIO()
    with style():
        _lay_out(figure)
        FigureCanvasSVG(figure).print_figure(
            buffer,
            format="svg",
            facecolor=PAPER,
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    text = buffer.getvalue().decode()
    head = f"<title>{html.escape(title)}</title><desc>{html.escape(description)}</desc>"
    return re.sub(r"(<svg [^>]*>)", lambda m: m.group(1) + head, text, count=1).encode()
