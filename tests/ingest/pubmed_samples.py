"""Small PubMed XML: a full citation, a bare record, and what our reader makes of them."""

import io

import pytest

from ingest.errors import UnreadableSource
from ingest.pubmed import parse_pubmed_xml
from ingest.records import Document, Skipped

DAY = "2026-02-03"

CITATION = """<PubmedArticle><MedlineCitation><PMID Version="1"> 123 </PMID>
<Article><Journal><JournalIssue><PubDate><Year>2001</Year></PubDate></JournalIssue>
<Title>The New England journal of medicine</Title><ISOAbbreviation>N Engl J Med</ISOAbbreviation></Journal>
<ArticleTitle>Imatinib in <i>BCR::ABL1</i> leukemia.</ArticleTitle>
<ELocationID EIdType="pii" ValidYN="Y">S1</ELocationID>
<ELocationID EIdType="doi" ValidYN="N">10.1/wrong</ELocationID>
<ELocationID EIdType="doi" ValidYN="Y">https://doi.org/10.1000/Right</ELocationID>
<Abstract><AbstractText Label="BACKGROUND AND AIMS">Background and aims: We gave it.</AbstractText>
<AbstractText Label="RESULTS:" NlmCategory="RESULTS">Count 10<sup>9</sup>/L.</AbstractText>
<AbstractText Label="UNLABELLED">NCT1.</AbstractText><AbstractText/>
<CopyrightInformation>Copyright A.</CopyrightInformation></Abstract>
<AuthorList><Author ValidYN="Y"><LastName>Druker</LastName><ForeName>Brian J</ForeName><Initials>BJ</Initials></Author>
<Author ValidYN="N"><LastName>Wrong</LastName><Initials>W</Initials></Author>
<Author><LastName>King</LastName><ForeName>Mary</ForeName><Suffix>Jr</Suffix></Author>
<Author><CollectiveName>IRIS Group</CollectiveName></Author></AuthorList>
<Language>eng</Language><PublicationTypeList><PublicationType>Journal Article</PublicationType>
<PublicationType>Clinical Trial</PublicationType></PublicationTypeList></Article>
<CommentsCorrectionsList><CommentsCorrections RefType="Cites"><PMID>9</PMID></CommentsCorrections>
<CommentsCorrections RefType="ErratumIn"><RefSource>NEJM 2002</RefSource><PMID>77</PMID></CommentsCorrections>
<CommentsCorrections RefType="UpdateIn"><RefSource>NEJM 2003</RefSource></CommentsCorrections></CommentsCorrectionsList>
<MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="Y">Leukemia</DescriptorName>
<QualifierName>therapy</QualifierName></MeshHeading>
<MeshHeading><DescriptorName>Leukemia</DescriptorName></MeshHeading></MeshHeadingList></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/other</ArticleId>
<ArticleId IdType="pmc">PMC55</ArticleId></ArticleIdList><ReferenceList><Reference><ArticleIdList>
<ArticleId IdType="pmc">PMC99</ArticleId></ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle>"""


def one(
    number: int, *, body: str = "", abstract: str = "<Abstract><AbstractText>Text.</AbstractText></Abstract>"
) -> str:
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{number}</PMID><Article><ArticleTitle>T{number}</ArticleTitle>"
        f"{abstract}</Article>{body}</MedlineCitation></PubmedArticle>\n"
    )


def whole(*records: str) -> bytes:
    head = '<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "https://example.org/x.dtd">\n'
    return f"{head}<PubmedArticleSet>\n{''.join(records)}</PubmedArticleSet>\n".encode()


def parse(xml: bytes) -> list[Document | Skipped]:
    return list(parse_pubmed_xml(io.BytesIO(xml), origin="f.xml", fetched=DAY))


def parse_to_fault(xml: bytes) -> tuple[list[Document | Skipped], UnreadableSource]:
    """What came before the fault, and the fault."""
    found: list[Document | Skipped] = []
    with pytest.raises(UnreadableSource) as fault:
        found.extend(parse_pubmed_xml(io.BytesIO(xml), origin="f.xml", fetched=DAY))
    return found, fault.value


def document(record: str) -> Document:
    (found,) = parse(whole(record))
    assert isinstance(found, Document)
    return found
