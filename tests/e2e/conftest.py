"""The tiny model and its problems, for tests that train it through a real executor."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """The module that makes the tiny model and its problems."""
    spec = importlib.util.spec_from_file_location(
        "tiny_model", Path(__file__).with_name("tiny_model.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny_model(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of the tiny model after its warm-up: about half of what it writes passes."""
    import torch

    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    directory: Path = tiny.build_model(tmp_path_factory.mktemp("model"))
    torch.set_num_threads(num_threads)
    return directory


@pytest.fixture(scope="session")
def tiny_problems(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tiny model's problems."""
    path: Path = tiny.write_problems(tmp_path_factory.mktemp("problems") / "tiny.jsonl")
    return path
