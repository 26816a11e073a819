from retriever import rules
from retriever.rules import rules_checksum


def test_every_table_and_module_counts(tmp_path, monkeypatch):
    def checksum_of(table: bytes, module: bytes) -> str:
        (tmp_path / "tables").mkdir(exist_ok=True)
        (tmp_path / "tables" / "drugs.toml").write_bytes(table)
        for name in rules._MODULES:
            (tmp_path / f"{name}.py").write_bytes(module if name == "facets" else b"")
        rules_checksum.cache_clear()
        return rules_checksum()

    monkeypatch.setattr("retriever.rules.files", lambda package: tmp_path)
    found = [checksum_of(b"a", b"1"), checksum_of(b"b", b"1"), checksum_of(b"a", b"2"), checksum_of(b"a", b"1")]
    assert len(set(found[:3])) == 3
    assert found[3] == found[0]
    rules_checksum.cache_clear()


def test_the_modules_are_there():
    assert len(rules_checksum()) == 16
