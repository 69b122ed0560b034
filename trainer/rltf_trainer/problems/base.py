"""Problem: one exercise as the trainer knows it. Loaders, one a data set, lie beside this."""

from dataclasses import dataclass

from rltf_executor.schema import Checker, Limits, Submission, Test


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An exercise, the tests that grade it, and what a prompt may show of it."""

    id: str  # unique in its data set, stable between versions: "mbpp/601"
    statement: str
    tests: tuple[Test, ...]  # at least one; a submission without tests would always pass
    split: str
    reference: str | None = None  # a whole program that passes the tests; LF line ends
    prelude: str = ""  # runs before the program, in its namespace
    setup: str = ""  # runs after the program, before its call and assert tests
    starter_code: str = ""  # what the statement says the program begins with
    entry_point: str | None = None  # function or method that the tests call; None: a stdio program
    shown_tests: tuple[str, ...] = ()  # asserts that a prompt may show
    difficulty: str | None = None
    limits: Limits = Limits()
    checker: Checker | None = None  # None: the executor's default for the kind of test

    @property
    def is_stdio(self) -> bool:
        """True if the program reads stdin and prints; otherwise it defines what is called."""
        return all(test.kind == "stdio" for test in self.tests)

    def submission(self, source: str, *, id: str | None = None) -> Submission:
        """Gives ``source`` with everything of this problem that the executor grades it by."""
        return Submission(
            id=id,
            source=source,
            tests=list(self.tests),
            prelude=self.prelude,
            setup=self.setup,
            limits=self.limits,
            checker=self.checker,
        )
