import pytest

from rltf_executor.schema import AssertTest, StdioTest
from rltf_trainer.errors import UserError
from rltf_trainer.problems import Problem, load_problems
from rltf_trainer.prompts import PromptStyle, extract_program, render_prompt, stop_strings

ADD = Problem(
    id="add",
    statement="Add two numbers.",
    tests=(
        AssertTest(kind="assert", code="assert add(1, 2) == 3"),
        AssertTest(kind="assert", code="assert add(9, 9) == 18"),
    ),
    split="train",
    reference="def add(a, b):\n    return a + b\n",
    starter_code="def add(a, b):\n    ",
    entry_point="add",
    shown_tests=("assert add(1, 2) == 3",),
)
ECHO = Problem(
    id="echo",
    statement="Print the line you read.",
    tests=(StdioTest(kind="stdio", stdin="a\n", expected_stdout="a\n"),),
    split="train",
    reference="print(input())\n",
)


class PlainTokenizer:
    chat_template = None


class ChatTokenizer:
    """Writes a conversation the way chat templates do."""

    chat_template = "{{ messages }}"

    def apply_chat_template(
        self, conversation: list[dict[str, str]], *, tokenize: bool, add_generation_prompt: bool
    ) -> str:
        assert not tokenize
        turns = [f"<{turn['role']}>{turn['content']}</>" for turn in conversation]
        return "".join(turns) + ("<assistant>" if add_generation_prompt else "")


def test_chat_prompt_shows_task_signature_and_tests_and_opens_a_fence():
    prompt = render_prompt(ADD, ChatTokenizer())

    assert prompt.problem is ADD
    assert prompt.opens_fence
    assert prompt.style is PromptStyle.CHAT
    assert prompt.text == (
        "<user>You are a skilled Python programmer. Solve this task:\n"
        "Add two numbers.\n\n"
        "Begin your code with:\ndef add(a, b):\n\n"
        "Your code has to pass these tests:\nassert add(1, 2) == 3\n\n"
        "Answer with one Python code block only.</><assistant>```python\n"
    )
    assert stop_strings(prompt) == ("\n```",)


def test_chat_prompt_of_a_program_says_how_it_is_run():
    text = render_prompt(ECHO, ChatTokenizer()).text

    assert "reads with input() and answers with print()" in text
    assert "tests" not in text


def test_chat_prompt_of_a_program_with_a_beginning_is_a_script_to_complete():
    problem = Problem(
        id="shout",
        statement="Read a line.\nPrint it in upper case.\n\nFor the input\na\nthe output is\nA",
        tests=(StdioTest(kind="stdio", stdin="a\n", expected_stdout="A\n"),),
        split="train",
        starter_code="line = input()",
    )

    assert render_prompt(problem, ChatTokenizer()).text == (
        "<user>Complete this Python script. It has no functions. "
        "It prints the answer and nothing else.\n\n"
        "```python\n# Read a line.\n# Print it in upper case.\nline = input()\n```\n\n"
        "For the input\na\nthe output is\nA\n\n"
        "Answer with one Python code block only.</><assistant>```python\n"
    )


def test_chat_examples_are_earlier_turns():
    text = render_prompt(ADD, ChatTokenizer(), examples=[ECHO]).text

    assert "<assistant>```python\nprint(input())\n```</><user>" in text
    assert text.endswith("<assistant>```python\n")


def test_apps_prompt_of_a_call():
    prompt = render_prompt(ADD, None, PromptStyle.APPS)

    assert prompt.text == (
        "\nQUESTION:\nAdd two numbers.\nassert add(1, 2) == 3\ndef add(a, b):\n"
        "\nUse Call-Based format\n\nANSWER:\n"
    )
    assert not prompt.opens_fence
    assert "\nQUESTION:" in stop_strings(prompt)


def test_apps_prompt_of_a_program():
    text = render_prompt(ECHO, None, PromptStyle.APPS).text

    expected = "\nQUESTION:\nPrint the line you read.\n\nUse Standard Input format\n\nANSWER:\n"
    assert text == expected


def test_few_shot_prompt_solves_the_examples_and_opens_a_fence():
    prompt = render_prompt(ADD, None, PromptStyle.FEW_SHOT, examples=[ECHO])

    assert prompt.text == (
        "Task: Print the line you read.\n"
        "The program reads standard input and prints to standard output.\n"
        "Solution:\n```python\nprint(input())\n```\n\n"
        "Task: Add two numbers.\nIt begins with:\ndef add(a, b):\nTests:\nassert add(1, 2) == 3\n"
        "Solution:\n```python\n"
    )
    assert prompt.opens_fence


@pytest.mark.parametrize(
    ("tokenizer", "examples", "style"),
    [
        (ChatTokenizer(), (), PromptStyle.CHAT),
        (ChatTokenizer(), (ECHO,), PromptStyle.CHAT),
        (PlainTokenizer(), (ECHO,), PromptStyle.FEW_SHOT),
        (PlainTokenizer(), (), PromptStyle.APPS),
        (None, (), PromptStyle.APPS),
    ],
)
def test_auto_chooses_by_template_and_examples(tokenizer, examples, style: PromptStyle):
    assert render_prompt(ADD, tokenizer, examples=examples).style is style


@pytest.mark.parametrize("style", PromptStyle)
def test_hidden_tests_and_the_reference_stay_out_of_the_prompt(style: PromptStyle):
    text = render_prompt(ADD, ChatTokenizer(), style).text

    assert "add(9, 9)" not in text
    assert "return a + b" not in text


def test_chat_without_a_template_is_refused():
    with pytest.raises(UserError, match="has no chat template"):
        render_prompt(ADD, PlainTokenizer(), PromptStyle.CHAT)


def test_apps_with_examples_is_refused():
    with pytest.raises(UserError, match="takes no examples"):
        render_prompt(ADD, None, PromptStyle.APPS, examples=[ECHO])


def test_example_without_a_reference_is_refused():
    bare = Problem(id="bare", statement="s", tests=ADD.tests, split="train")

    with pytest.raises(UserError, match="bare has no reference solution"):
        render_prompt(ADD, None, PromptStyle.FEW_SHOT, examples=[bare])


@pytest.mark.parametrize("style", [PromptStyle.CHAT, PromptStyle.FEW_SHOT, PromptStyle.APPS])
def test_reference_of_every_starter_problem_is_read_back_from_its_answer(style: PromptStyle):
    for problem in load_problems("starter"):
        prompt = render_prompt(problem, ChatTokenizer(), style)
        answer = (problem.reference or "").rstrip("\n") + stop_strings(prompt)[0]

        extraction = extract_program(
            answer if prompt.opens_fence else f"{problem.reference}", opens_fence=prompt.opens_fence
        )

        assert extraction.source.strip() == (problem.reference or "").strip()
