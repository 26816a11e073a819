"""A PubMed record: every field that it states arrives, and nothing that it does not."""

import pytest
from pubmed_samples import CITATION, DAY, document, one, parse, whole

from ingest.records import Skipped

ISSUE = "<Journal><JournalIssue><PubDate>{}</PubDate></JournalIssue></Journal>"


def test_every_field_of_an_article():
    found = document(CITATION)
    meta = found.meta
    assert (found.doc_id, found.kind, found.origin) == ("PMID:123", "pubmed", "f.xml")
    assert meta.title == "Imatinib in BCR::ABL1 leukemia."
    assert meta.authors == ("Druker BJ", "King Mary Jr", "IRIS Group")
    assert (meta.journal, meta.year) == ("The New England journal of medicine", 2001)
    assert (meta.pmid, meta.doi, meta.pmcid) == ("123", "10.1000/Right", "PMC55")
    assert meta.publication_types == ("Journal Article", "Clinical Trial")
    assert (meta.mesh, meta.licence, meta.language) == (("Leukemia",), "Copyright A.", "eng")
    assert (meta.url, meta.fetched) == ("https://pubmed.ncbi.nlm.nih.gov/123/", DAY)
    assert meta.corrections == ("ErratumIn PMID:77", "UpdateIn NEJM 2003")
    assert not meta.retracted


def test_each_abstract_part_is_a_block_under_its_label():
    found = document(CITATION)
    blocks = [(span.section, found.text[span.start : span.end]) for span in found.spans]
    assert blocks == [(("Background and Aims",), "We gave it."), (("Results",), "Count 10⁹/L."), ((), "NCT1.")]


@pytest.mark.parametrize(
    ("label", "section"),
    [
        ("AML AND FLT3-ITD", "AML and FLT3-ITD"),
        ("DESIGN, SETTING, AND PARTICIPANTS", "Design, Setting, and Participants"),
        ("Main outcome Measures", "Main outcome Measures"),
        ("THE CLL TRIAL (NCT1)", "The CLL Trial (NCT1)"),
        ("METHODS/RESULTS", "Methods/Results"),
        ("MATERIALS &amp; METHODS", "Materials & Methods"),
    ],
)
def test_labels_in_capitals_become_title_case(label, section):
    text = f'<Abstract><AbstractText Label="{label}">Text.</AbstractText></Abstract>'
    assert document(one(1, abstract=text)).spans[0].section == (section,)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<ArticleTitle>[Acute leukemia].</ArticleTitle>", "Acute leukemia"),
        ("<ArticleTitle>[18F]FDG in [x].</ArticleTitle>", "[18F]FDG in [x]."),
        (
            "<ArticleTitle>[Not Available].</ArticleTitle><VernacularTitle>Leucémie.</VernacularTitle>",
            "Leucémie.",
        ),
        ("", ""),
    ],
)
def test_titles(title, expected):
    record = one(1).replace("<ArticleTitle>T1</ArticleTitle>", title)
    assert document(record).meta.title == expected


@pytest.mark.parametrize(
    ("dates", "year"),
    [
        (ISSUE.format("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>"), 1998),
        (ISSUE.format("<Year>soon</Year>") + "<ArticleDate><Year>2020</Year></ArticleDate>", 2020),
        (ISSUE.format("<Year>12001</Year>"), None),
    ],
)
def test_years(dates, year):
    assert document(one(1).replace("</ArticleTitle>", f"</ArticleTitle>{dates}")).meta.year == year


@pytest.mark.parametrize(
    "mark",
    [
        "<CommentsCorrectionsList><CommentsCorrections RefType='RetractionIn'><PMID>5</PMID></CommentsCorrections>"
        "</CommentsCorrectionsList>",
        "<Article><PublicationTypeList><PublicationType>Retracted Publication</PublicationType></PublicationTypeList>"
        "<Abstract><AbstractText>Text.</AbstractText></Abstract></Article>",
    ],
)
def test_a_retraction_is_seen_by_its_link_and_by_its_type(mark):
    record = one(1, body=mark)
    if "<Article><Pub" in mark:
        record = f"<PubmedArticle><MedlineCitation><PMID>1</PMID>{mark}</MedlineCitation></PubmedArticle>"
    assert document(record).meta.retracted


def test_another_language_stands_in_only_where_there_is_no_abstract():
    others = (
        "<OtherAbstract Language='fre'><AbstractText>Texte.</AbstractText></OtherAbstract>"
        "<OtherAbstract Language='spa'><AbstractText>Texto.</AbstractText></OtherAbstract>"
    )
    assert document(one(1, body=others)).text == "Text."
    found = document(one(1, body=others, abstract="<Abstract><AbstractText/></Abstract><Language>ger</Language>"))
    assert (found.text, found.meta.language) == ("Texte.", "fre")


def test_a_book_chapter():
    found = document(
        "<PubmedBookArticle><BookDocument><PMID>20301</PMID><ArticleIdList><ArticleId IdType='bookaccession'>NBK1"
        "</ArticleId></ArticleIdList><Book><Publisher><PublisherName>UW</PublisherName></Publisher>"
        "<BookTitle>GeneReviews</BookTitle><PubDate><Year>1993</Year></PubDate><AuthorList Type='editors'><Author>"
        "<LastName>Adam</LastName><Initials>MP</Initials></Author></AuthorList></Book><ArticleTitle>Fanconi</ArticleTitle>"
        "<Language>eng</Language><AuthorList Type='authors'><Author><LastName>Mehta</LastName><Initials>PA</Initials>"
        "</Author></AuthorList><PublicationType>Review</PublicationType><Abstract><AbstractText Label='CLINICAL'>A."
        "</AbstractText></Abstract></BookDocument></PubmedBookArticle>"
    )
    meta = found.meta
    assert (meta.title, meta.journal, meta.year, meta.authors) == ("Fanconi", "GeneReviews", 1993, ("Mehta PA",))
    assert (meta.publication_types, found.spans[0].section) == (("Review",), ("Clinical",))


def test_records_that_give_no_document_are_named():
    nothing = "<Abstract><AbstractText>No abstract available.</AbstractText></Abstract>"
    xml = whole(
        one(1, abstract=""),
        one(2, abstract=nothing),
        "<PubmedArticle/>",
        one(4).replace("<PMID>4</PMID>", "<PMID>four</PMID>"),
        "<DeleteCitation><PMID>8</PMID><PMID>9</PMID></DeleteCitation>",
    )
    assert parse(xml) == [
        Skipped("f.xml", "PMID 1: no abstract"),
        Skipped("f.xml", "PMID 2: no abstract"),
        Skipped("f.xml", "record 3 has no PMID"),
        Skipped("f.xml", "record 4 has no PMID"),
        Skipped("f.xml", "PMID 8: deleted by PubMed"),
        Skipped("f.xml", "PMID 9: deleted by PubMed"),
    ]
