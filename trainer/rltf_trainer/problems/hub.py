"""Rows of a data set on the Hugging Face hub, read by ``datasets``, imported when first needed."""

import importlib
from collections.abc import Iterator
from typing import Any

from rltf_trainer.errors import UserError
from rltf_trainer.problems.records import Record


def hub_records(
    repository: str,
    *,
    split: str,
    alternative: str,
    builder: str | None = None,
    **options: Any,
) -> Iterator[Record]:
    """Gives the rows of one split, streamed: nothing is downloaded beyond what is read.

    Args:
        repository: Name on the hub.
        split: Split of the hub's own naming.
        alternative: Spec that needs no network, named in the error.
        builder: What `datasets` is to load where that is not the repository, such as ``json``.
        **options: Further arguments of ``datasets.load_dataset``.

    Raises:
        UserError: ``datasets`` is not installed, or the hub does not answer.
    """
    try:
        datasets = importlib.import_module("datasets")
    except ImportError as error:
        raise UserError(
            f"problems: {repository} needs the package `datasets`; install it or give {alternative}"
        ) from error
    try:
        rows = datasets.load_dataset(builder or repository, split=split, streaming=True, **options)
        for number, row in enumerate(rows, start=1):
            yield Record(f"{repository} [{split}] row {number}", row)
    except Exception as error:  # whatever the network library below `datasets` raises: it changes
        raise UserError(
            f"problems: cannot read {repository} from the hub ({type(error).__name__}: {error}); "
            f"give {alternative} to read a local copy"
        ) from error
