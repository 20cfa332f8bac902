"""Tables of the documentation in MyST, and values as they are written in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


def write_pages(folder: Path, pages: Mapping[str, str]) -> None:
    """Write generated pages; files that would not change are left alone, so builds stay incremental."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def list_table(
    header: Sequence[str],
    rows: Iterable[Sequence[str | Sequence[str]]],
    widths: Sequence[int],
    *,
    css: str = "wide-table",
) -> str:
    """Write a list table; a cell of several paragraphs comes as their list, already in MyST."""
    lines = [
        ":::{list-table}",
        f":class: {css}",
        ":header-rows: 1",
        f":widths: {' '.join(map(str, widths))}",
        "",
    ]
    for row in (header, *rows):
        for at, content in enumerate(row):
            paragraphs = [cell(content)] if isinstance(content, str) else content
            lines.append(f"{'*' if at == 0 else ' '} - {paragraphs[0]}")
            for paragraph in paragraphs[1:]:
                lines.extend(["", f"    {paragraph}"])
    return "\n".join([*lines, ":::", ""])


def cell(text: str) -> str:
    """Escape what MyST would read as markup; a cell that begins as code is left alone."""
    return (
        text
        if text.startswith("`")
        else text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_").replace("<", "&lt;")
    )


def plain(value: object, *, missing: str = "none") -> str:
    """Write a value of a scenario, a term or a result."""
    if value is None:
        return missing
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {plain(item)}" for key, item in value.items()) or "empty"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value) or "empty"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value) or "empty"
