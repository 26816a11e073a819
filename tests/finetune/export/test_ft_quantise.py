import pytest
from tiny_llama import save_adapter

from finetune.errors import ExportFailed
from finetune.export.precision import measure
from finetune.export.quantise import Asked, Job, QuantisationReport, Row, quantise, report_html, report_markdown
from finetune.records import Example, write_lines
from ingest.errors import ConfigError, UnreadableSource

REPORT = QuantisationReport(
    model="tiny",
    device="CPU",
    held_out=True,
    answers=3,
    rows=(
        Row(
            precision="fp32",
            weight_bytes=540_000_000,
            loaded_bytes=560_000_000,
            peak_bytes=900_000_000,
            prompt_tokens_per_s=1234.5,
            generation_tokens_per_s=20.0,
            cross_entropy=0.693147,
            answer_tokens=99,
            same_tokens=1.0,
        ),
        Row(precision="nf4", reason="no code for <this> device"),
    ),
)


def job(llama, folder, precision):
    asked = (Asked(prompt=(("user", "What is CML?"),), answer="A leukemia [1]."),)
    return Job(
        model=str(llama),
        precision=precision,
        asked=asked,
        new_tokens=6,
        window=128,
        threads=1,
        reference=str(folder / "reference.json"),
        result=str(folder / "result.json"),
    )


def test_a_report_shows_figures_and_why_a_precision_could_not_run():
    lines = report_markdown(REPORT).splitlines()
    # By hand: exp(0.693147) = 2.00.
    assert lines[4] == "| fp32 | 540 | 560 | 900 | 1,234.5 | 20.0 | 0.693 | 2.00 | 100.0% |"
    assert lines[5].startswith("| nf4 | not run: no code for <this> device |")
    page = report_html(REPORT)
    assert "no code for &lt;this&gt; device" in page and page.count("<tr>") == 3


def test_precisions_are_measured_against_fp32(tmp_path, llama):
    whole, half = (measure(job(llama, tmp_path, precision)) for precision in ("fp32", "bf16"))
    # By hand: an embedding of 49152 x 32, tied; a layer's q and o 32 x 32, k and v 16 x 32, three of 64 x 32 and two
    # norms of 32; a norm of 32 at the end. Rotary frequencies, 4 and a copy of them, stay in float32.
    weights = 49152 * 32 + 2 * (2 * 32 * 32 + 2 * 16 * 32 + 3 * 64 * 32 + 2 * 32) + 32
    assert whole.weight_bytes == 4 * (weights + 8) and half.weight_bytes == 2 * weights + 4 * 8
    assert whole.same_tokens == 1.0 and half.same_tokens is not None and half.same_tokens > 0.5
    assert whole.cross_entropy and half.cross_entropy == pytest.approx(whole.cross_entropy, rel=0.05)
    assert whole.generation_tokens_per_s and whole.prompt_tokens_per_s and whole.peak_bytes > whole.weight_bytes


def test_a_precision_without_a_reference_leaves_the_share_open(tmp_path, llama):
    assert measure(job(llama, tmp_path, "bf16")).same_tokens is None


def test_what_cannot_be_loaded_is_a_row_with_its_reason(tmp_path):
    row = measure(job(tmp_path, tmp_path, "fp32"))
    assert row.reason and row.weight_bytes is None


@pytest.mark.slow
def test_an_adapter_is_measured_in_every_precision_in_processes_of_their_own(tmp_path, llama):
    data = tmp_path / "data"
    data.mkdir()
    example = Example(
        id="e",
        kind="pairs",
        document="d",
        prompt=(("user", "What is CML?"),),
        answer="A leukemia.",
        source="made",
        licence="CC0",
    )
    write_lines(data / "test.jsonl", [example])
    report = quantise(str(save_adapter(llama, tmp_path / "adapter")), data=data, most=5, threads=1)
    assert [row.precision for row in report.rows] == ["fp32", "bf16", "int8", "nf4"]
    assert report.held_out and report.answers == 1 and report.model == "adapter"
    assert not report.rows[0].reason and not report.rows[1].reason
    # bitsandbytes may lack code for this device; its rows then say so.
    sizes = [row.weight_bytes for row in report.rows if not row.reason]
    assert sizes == sorted(sizes, reverse=True)


def test_bad_requests_are_refused_before_anything_is_loaded(tmp_path, llama):
    with pytest.raises(ConfigError):
        quantise("/no/such/model")
    with pytest.raises(UnreadableSource):
        quantise(str(llama), data=tmp_path)
    write_lines(tmp_path / "test.jsonl", [])
    with pytest.raises(ExportFailed, match="no test split"):
        quantise(str(llama), data=tmp_path)
