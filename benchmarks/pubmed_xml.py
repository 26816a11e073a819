"""PubMed XML reading: seconds and peak memory of ours, pubmed_parser and Bio.Entrez on one generated file.

Run: python benchmarks/pubmed_xml.py [--records 30000]
Prints a table, then one JSON line. Each reader runs in a process of its own and imports only its library;
the file is .xml.gz, as PubMed distributes them and as pubmed_parser demands.
"""

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from report import print_json

HEADER = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"
 "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">
<PubmedArticleSet>
"""
SYLLABLES = ("leu", "ke", "mia", "cyto", "plas", "tic", "mye", "lo", "blast", "ima", "nib", "clax", "sion", "nase")
LABELS = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")


def ours(path: Path) -> int:
    """Documents read by Marrow."""
    from ingest.pubmed import read_pubmed_xml

    return sum(1 for _ in read_pubmed_xml(path, fetched="2026-01-01"))


def pubmed_parser(path: Path) -> int:
    """Articles read by pubmed_parser."""
    from pubmed_parser import parse_medline_xml  # type: ignore[import-untyped]

    return sum(1 for _ in parse_medline_xml(str(path)))


def bio_entrez(path: Path) -> int:
    """Articles read by Bio.Entrez.read, with the DTD that Biopython ships."""
    from Bio import Entrez

    with gzip.open(path) as file:
        return len(Entrez.read(file)["PubmedArticle"])  # type: ignore[no-untyped-call]


READERS = {"ours": ours, "pubmed_parser": pubmed_parser, "bio_entrez": bio_entrez}


def words(rng: random.Random, count: int) -> str:
    """Made-up words, one in 25 of them with inline markup."""
    made = []
    for _ in range(count):
        word = "".join(rng.choices(SYLLABLES, k=rng.randint(1, 3)))
        made.append(f"10<sup>{rng.randint(2, 12)}</sup>/L" if rng.random() < 0.04 else word)
    return " ".join(made)


def record(rng: random.Random, pmid: int) -> str:
    """One PubmedArticle of 6 to 8 KB with the parts real ones have."""
    abstract = "".join(
        f'<AbstractText Label="{label}" NlmCategory="{label}">{words(rng, 52)}.</AbstractText>' for label in LABELS
    )
    authors = "".join(
        f'<Author ValidYN="Y"><LastName>{rng.choice(SYLLABLES).title()}</LastName><ForeName>Ann B</ForeName>'
        f"<Initials>AB</Initials><AffiliationInfo><Affiliation>Department of Haematology, Hospital {n}"
        "</Affiliation></AffiliationInfo></Author>"
        for n in range(rng.randint(3, 10))
    )
    mesh = "".join(
        f'<MeshHeading><DescriptorName UI="D{n:06}" MajorTopicYN="N">Heading {n}</DescriptorName>'
        f'<QualifierName UI="Q{n:06}" MajorTopicYN="Y">therapy</QualifierName></MeshHeading>'
        for n in rng.sample(range(9000), rng.randint(5, 12))
    )
    references = "".join(
        f"<Reference><Citation>Blood. 2001;98(5):{n}</Citation><ArticleIdList>"
        f'<ArticleId IdType="pubmed">{n}</ArticleId></ArticleIdList></Reference>'
        for n in rng.sample(range(10**7), 8)
    )
    history = "".join(
        f'<PubMedPubDate PubStatus="{status}"><Year>2020</Year><Month>1</Month><Day>2</Day></PubMedPubDate>'
        for status in ("received", "accepted", "entrez", "pubmed", "medline")
    )
    return f"""<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>
<DateCompleted><Year>2020</Year><Month>05</Month><Day>04</Day></DateCompleted>
<DateRevised><Year>2021</Year><Month>01</Month><Day>10</Day></DateRevised>
<Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Electronic">1528-0020</ISSN>
<JournalIssue CitedMedium="Internet"><Volume>135</Volume><Issue>1</Issue><PubDate><Year>{rng.randint(1975, 2025)}</Year>
<Month>Jan</Month></PubDate></JournalIssue><Title>Journal of generated haematology</Title>
<ISOAbbreviation>J Gen Haematol</ISOAbbreviation></Journal><ArticleTitle>{words(rng, 12)}.</ArticleTitle>
<Pagination><MedlinePgn>1-9</MedlinePgn></Pagination>
<ELocationID EIdType="doi" ValidYN="Y">10.1000/gen.{pmid}</ELocationID>
<Abstract>{abstract}<CopyrightInformation>Copyright 2020.</CopyrightInformation></Abstract>
<AuthorList CompleteYN="Y">{authors}</AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList></Article>
<MedlineJournalInfo><Country>United States</Country><MedlineTA>J Gen Haematol</MedlineTA>
<NlmUniqueID>1</NlmUniqueID></MedlineJournalInfo><MeshHeadingList>{mesh}</MeshHeadingList></MedlineCitation>
<PubmedData><History>{history}</History><PublicationStatus>ppublish</PublicationStatus>
<ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId><ArticleId IdType="doi">10.1000/gen.{pmid}</ArticleId>
</ArticleIdList><ReferenceList>{references}</ReferenceList></PubmedData></PubmedArticle>
"""


def generate(path: Path, records: int) -> int:
    """Write the same file for the same count, record by record; its unpacked size in bytes."""
    rng = random.Random(20)
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        file.write(HEADER)
        file.writelines(record(rng, pmid) for pmid in range(1, records + 1))
        file.write("</PubmedArticleSet>\n")
        return file.tell()


def measure(reader: str, path: Path) -> dict[str, float]:
    """Run one reader in a fresh process, its home the file's folder: Bio.Entrez keeps DTDs in the home."""
    command = [sys.executable, __file__, "--reader", reader, "--file", str(path)]
    home = {**os.environ, "HOME": str(path.parent)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=home)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def run_reader(reader: str, path: Path) -> None:
    """Time one reader here, and print its seconds, peak memory (MB) and record count."""
    start = time.perf_counter()
    count = READERS[reader](path)
    seconds = time.perf_counter() - start
    # Not ru_maxrss: it starts at the size of the process that forked this one.
    peak_mb = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    print(json.dumps({"records": count, "seconds": round(seconds, 2), "peak_mb": round(peak_mb, 1)}))


def compare(records: int) -> None:
    """Generate the file, measure every reader, print the table and the JSON line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pubmed.xml.gz"
        size_mb = generate(path, records) / 1e6
        results = {reader: measure(reader, path) for reader in READERS}
    print(f"{records:,} records, {size_mb:.0f} MB, {1000 * size_mb / records:.1f} KB each")
    print(f"{'reader':<15}{'records':>9}{'seconds':>9}{'peak MB':>9}{'to ours':>9}")
    for reader, result in results.items():
        if result["records"] != records:
            raise SystemExit(f"{reader} read {result['records']} of {records} records")
        ratio = result["seconds"] / results["ours"]["seconds"]
        print(f"{reader:<15}{records:>9,}{result['seconds']:>9.2f}{result['peak_mb']:>9.1f}{ratio:>8.1f}x")
    print_json("pubmed_xml", {"records": records, "file_mb": round(size_mb, 1), "readers": results})


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=30_000)
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.reader:
        run_reader(arguments.reader, arguments.file)
    else:
        compare(arguments.records)


if __name__ == "__main__":
    main()
