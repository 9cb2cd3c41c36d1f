"""What the documents say of names is true: causes, outcomes, options, make targets, files."""

import ast
import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from xvpproxy import config
from xvpproxy.model import Outcome

CHECKOUT = Path(__file__).parent.parent.parent
DOCUMENTS = [CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md")] + sorted(CHECKOUT.glob("docs/*.md"))
OPERATING = (CHECKOUT / "docs/operating.md").read_text()

#: Causes that no line in the log shows: of a command's own misuse, and defaults of errors that are always
#: raised with a cause of their own.
UNSEEN = {"misuse", "forbidden", "limit", "console_unavailable"}


def causes():
    """Every `cause=` and `cause = ` in the sources that is a literal, or a choice of two."""
    for path in (CHECKOUT / "xvpproxy").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            keyword = isinstance(node, ast.keyword) and node.arg == "cause"
            if keyword or (isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "cause"):
                choices = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
                yield from (choice.value for choice in choices if isinstance(choice, ast.Constant) and choice.value)


class DocsTest(SynchronousTestCase):
    def test_every_outcome_is_explained(self):
        for outcome in Outcome:
            self.assertIn(f"`{outcome.value}`", OPERATING)

    def test_every_cause_is_explained(self):
        missing = {cause for cause in causes() if f"`{cause}`" not in OPERATING}
        self.assertEqual(missing - UNSEEN, set())

    def test_options_that_are_named_exist(self):
        known = {(group, option.dest) for group, options in config.list_opts() for option in options}
        for path in DOCUMENTS:
            for group, name in re.findall(r"`\[(\w+)\] (\w+)", path.read_text()):
                if group != "group":
                    self.assertIn((group, name), known, path.name)

    def test_make_targets_that_are_named_exist(self):
        targets = set(re.findall(r"^([\w -]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
        targets = {target for line in targets for target in line.split()}
        for path in DOCUMENTS:
            for target in re.findall(r"`make ([\w-]+)", path.read_text()):
                self.assertIn(target, targets, path.name)

    def test_links_lead_somewhere(self):
        for path in DOCUMENTS:
            for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
                self.assertTrue((path.parent / link).exists(), f"{path.name}: {link}")
