"""The house rules that a program can check, on every source file of the packages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# A package may import those named for it, and itself.
MAY_IMPORT = {
    "ingest": set(),
    "retriever": {"ingest"},
    "generator": {"ingest", "retriever"},
    "ui": {"ingest", "retriever", "generator"},
    "finetune": {"ingest", "retriever", "generator"},
}
# chat_root.py: Chainlit takes its folder from CHAINLIT_APP_ROOT alone, and reads it at its import.
READS_ENVIRONMENT = {"ui/settings.py", "ui/chat_root.py"}
FILES = [file for package in MAY_IMPORT for file in sorted((ROOT / package).rglob("*.py"))]
NAMES = [str(file.relative_to(ROOT)) for file in FILES]


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def imported(file: Path) -> Iterator[str]:
    """The first names of everything a file imports, also inside functions."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} imports relatively"
            yield str(node.module).split(".")[0]


def test_every_package_is_looked_at():
    assert {name.split("/")[0] for name in NAMES} == set(MAY_IMPORT)


@pytest.mark.parametrize("name", NAMES)
def test_imports_go_one_way(name):
    package = name.split("/")[0]
    inside = set(imported(ROOT / name)) & set(MAY_IMPORT)
    assert inside <= MAY_IMPORT[package] | {package}


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("__init__.py")])
def test_a_package_file_holds_only_a_docstring(name):
    body = tree(ROOT / name).body
    assert ast.get_docstring(tree(ROOT / name))
    assert len(body) == 1


@pytest.mark.parametrize("name", sorted(set(NAMES) - READS_ENVIRONMENT))
def test_only_settings_reads_the_environment(name):
    for node in ast.walk(tree(ROOT / name)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"environ", "environb", "getenv", "putenv"}, f"{name}:{node.lineno}"
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            assert not {"environ", "getenv"} & {n.name for n in node.names}, f"{name}:{node.lineno}"


@pytest.mark.parametrize("name", NAMES)
def test_files_and_functions_keep_their_size(name):
    # Past a bound, a comment on the line says why.
    source = (ROOT / name).read_text("utf-8").splitlines()
    assert len(source) <= 300 or any("300 lines" in line for line in source), f"{name} has {len(source)} lines"
    for node in ast.walk(tree(ROOT / name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documented = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
            begin = (node.body[0].end_lineno if documented else node.lineno) or node.lineno
            length = (node.end_lineno or begin) - begin
            assert length <= 40, f"{name}:{node.lineno} {node.name} has {length} lines below its docstring"
