"""The only file that imports pandas, and only when it is used: the import takes 1.5 seconds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Pivot:
    """A table of sums: one line a row label, one figure a column label, with both totals."""

    columns: tuple[str, ...]
    lines: tuple[tuple[str, tuple[int, ...], int], ...]
    totals: tuple[int, ...]
    total: int


def pivot(rows: Iterable[Mapping[str, Any]], *, down: str, across: str, sum_of: str) -> Pivot:
    """Turn rows into a table of whole-number sums (pence); a missing cell is nothing.

    Labels come out in the order of their values, so months and names are sorted.
    """
    import pandas

    frame = pandas.DataFrame.from_records(list(rows), columns=[down, across, sum_of])
    if frame.empty:
        return Pivot(columns=(), lines=(), totals=(), total=0)
    table = frame.pivot_table(
        index=down, columns=across, values=sum_of, aggfunc="sum", fill_value=0
    ).astype("int64")
    return Pivot(
        columns=tuple(str(label) for label in table.columns),
        lines=tuple(
            (label, tuple(int(cell) for cell in line), int(line.sum()))
            for label, line in zip(table.index, table.to_numpy(), strict=True)
        ),
        totals=tuple(int(cell) for cell in table.sum(axis=0)),
        total=int(table.to_numpy().sum()),
    )
