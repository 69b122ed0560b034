import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltf_trainer.config import TrainConfig, field_paths, load_config, save_config
from rltf_trainer.errors import ConfigError

CONFIGS = Path(__file__).parents[2] / "configs"
DOCUMENT = Path(__file__).parents[2] / "docs" / "training.md"


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_file_is_read_and_options_are_laid_over_it(tmp_path: Path):
    path = write(tmp_path / "run.toml", "steps = 3\n[rollout]\ntemperature = 0.5\ntop_k = 7\n")

    config = load_config(
        path, {"rollout.temperature": "0.9", "model.path": "m", "overlap": "false"}
    )

    assert (config.steps, config.rollout.temperature, config.rollout.top_k) == (3, 0.9, 7)
    assert config.model.path == "m"
    assert config.overlap is False


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[rollout]\ntemprature = 1.0\n",
            r"rollout\.temprature: unknown option; did you mean rollout\.temperature\?",
        ),
        ("setps = 3\n", r"setps: unknown option; did you mean steps\?"),
        ("lr = 1.0\n", r"lr: unknown option; did you mean optimizer\.lr\?"),
        ("steps = 0\n", r"steps: 0: .*greater than or equal to 1"),
        ("[rollout]\ntop_p = 1.5\n", r"rollout\.top_p: 1\.5: .*less than or equal to 1"),
        ("[optimizer]\nlr = inf\n", r"optimizer\.lr"),
        ("rollout = 3\n", r"rollout"),
        ("[evaluation]\nk = [1, 5]\nsamples = 2\n", r"k: 5 is not in 1\.\.2"),
        (
            "[baseline]\nkind = 'leave_one_out'\n[rollout]\nsamples_per_problem = 1\n",
            r"samples_per_problem of at least 2, not 1",
        ),
        ("[executor.limits]\nmemory_mb = 0\n", r"executor\.limits\.memory_mb: 0"),
        ("steps = \n", r"is not TOML: .*line 1"),
    ],
)  # fmt: skip
def test_mistake_is_named_with_file_field_and_bound(tmp_path: Path, text: str, message: str):
    path = write(tmp_path / "run.toml", text)

    with pytest.raises(ConfigError, match=message) as caught:
        load_config(path, {})

    assert "run.toml" in str(caught.value)


def test_missing_file_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read: No such file"):
        load_config(tmp_path / "nowhere.toml", {})


def test_saved_config_is_the_same_config(tmp_path: Path):
    config = load_config(
        None,
        {
            "model.path": 'a "quoted" \\ päth \U0001f600\x7f',
            "evaluation.k": [1, 2],
            "evaluation.samples": 2,
            "executor.limits": {"wall_s": 1.5},
            "optimizer.lr": 1e-7,
        },
    )

    save_config(config, tmp_path / "config.toml")

    assert load_config(tmp_path / "config.toml", {}) == config


@given(st.text())
def test_any_text_survives_saving(tmp_path_factory: pytest.TempPathFactory, text: str):
    path = tmp_path_factory.mktemp("config") / "config.toml"
    config = load_config(None, {"model.path": text})

    save_config(config, path)

    assert load_config(path, {}).model.path == text


def test_token_is_not_saved(tmp_path: Path):
    config = load_config(None, {"executor.token": "hush-hush"})

    save_config(config, tmp_path / "config.toml")

    assert "hush" not in (tmp_path / "config.toml").read_text()
    assert "hush" not in repr(config)
    assert tomllib.loads((tmp_path / "config.toml").read_text())["executor"]["urls"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"run_dir": "elsewhere"},
        {"executor.urls": ["http://other:1"]},
        {"checkpoint.every": 3},
        {"evaluation.every": 3},
        {"report.samples_per_step": 0},
        {"steps": 99},
    ],
)
def test_what_changes_no_weight_does_not_hinder_a_resume(change: dict[str, object]):
    assert load_config(None, change).fingerprint() == TrainConfig().fingerprint()


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"overlap": False},
        {"optimizer.lr": 1e-4},
        {"executor.limits": {"wall_s": 1.0}},
        {"data.limit": 3},
        {"lora.rank": 4},
    ],
)
def test_what_changes_weights_hinders_a_resume(change: dict[str, object]):
    assert load_config(None, change).fingerprint() != TrainConfig().fingerprint()


def test_number_of_steps_matters_where_the_learning_rate_depends_on_it():
    prints = {
        load_config(None, {"optimizer.schedule": "linear", "steps": steps}).fingerprint()
        for steps in (5, 6)
    }

    assert len(prints) == 2


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_config_is_sound(path: Path):
    load_config(path, {})


def test_document_lists_every_option_with_its_default():
    lines = DOCUMENT.read_text().splitlines()
    for name, field in field_paths():
        [row] = [line for line in lines if line.startswith(f"| `{name}` |")]
        assert field.description in row, name
