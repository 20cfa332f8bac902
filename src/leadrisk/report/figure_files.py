"""Figures as files: each as SVG and as PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from leadrisk.files import write_atomically

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping


class Rendered(Protocol):
    """A figure as the bytes of its two files."""

    @property
    def svg(self) -> bytes:
        """A standalone SVG file."""

    @property
    def png(self) -> bytes:
        """A PNG file."""


class Picture(NamedTuple):
    """A figure that was rendered, here or in another process."""

    svg: bytes
    png: bytes


def write_figures(directory: str | os.PathLike[str], drawings: Mapping[str, Rendered]) -> list[Path]:
    """Write every figure as an SVG and a PNG file.

    Parameters
    ----------
    directory
        Made if absent.
    drawings
        By name, from `leadrisk.report.figures.draw_figures` or rendered already.

    Returns
    -------
    list of Path
        The files, in the order of the figures.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, drawing in drawings.items():
        written.append(write_atomically(folder / f"{name}.svg", drawing.svg))
        written.append(write_atomically(folder / f"{name}.png", drawing.png))
    return written
